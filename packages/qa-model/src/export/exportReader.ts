import { basename, join } from "node:path";
import { type ExportedOnnx, exportOnnx, exportOnnxModels, SymgradError } from "@symgrad/core";
import { makeFolder } from "../internal/makeFolder";
import type { Reader } from "../reader/reader";
import { functionNames } from "../reader/readerConfig";
import { saveReader } from "../reader/saveReader";
import { answerModel, termsModel } from "./readerGraphs";

/** Where the graphs stand in an exported folder. */
export const ONNX_FILES = {
  /** A span reader's only graph, under Hugging Face's name. */
  model: "onnx/model.onnx",
  answer: "onnx/answer.onnx",
  weights: "onnx/weights.data",
} as const;

/** The graph that scores a function's tuples; stages count from 0. */
export const termsFile = (stage: number) => `onnx/terms${stage === 0 ? "" : `-${stage + 1}`}.onnx`;

export interface ReaderExport {
  folder: string;
  /** The graphs, each checked against the reader in a plain onnxruntime session. */
  models: ExportedOnnx[];
  /** Of the graphs and their weights. */
  bytes: number;
  /** What another program that opens the folder should know. */
  notes: string[];
}

/**
 * Saves a reader with its graphs as ONNX files, which run without TensorFlow.js' training code: `loadExportedReader`
 * answers with them.
 *
 * A span reader gets `onnx/model.onnx` beside Hugging Face's other files; on a BERT or DistilBERT
 * `@huggingface/transformers` opens the folder as a question-answering model. A calculator reader gets `onnx/terms.onnx`
 * and `onnx/answer.onnx`, which share `onnx/weights.data`; the function runs in JavaScript between them. With several
 * functions there is `onnx/terms-2.onnx` for the second, and so on.
 *
 * @throws SymgradError `E_USAGE` for a reader with other heads than for spans; `E_EXPORT` if a file does not give the reader's numbers; `E_FILE`, `E_DISK` if it cannot be written.
 */
export async function exportReader(reader: Reader, folder: string): Promise<ReaderExport> {
  if (reader.config.heads) {
    throw new SymgradError(
      "E_USAGE",
      `a reader with the heads ${reader.config.heads.join(", ")} has no export.`,
      {
        hint: "only readers that answer with one span are exported; predict with the reader itself",
      },
    );
  }
  await makeFolder(join(folder, "onnx"));
  const { models, bytes } = reader.layer
    ? await exportCalculatorReader(reader, folder)
    : await exportSpanReader(reader, folder);
  await saveReader(reader, folder);
  return { folder, models, bytes, notes: notesFor(reader) };
}

async function exportSpanReader(reader: Reader, folder: string) {
  const { what, ...options } = answerModel(reader);
  const model = await exportOnnx(what, join(folder, ONNX_FILES.model), options);
  return { models: [model], bytes: model.bytes };
}

async function exportCalculatorReader(reader: Reader, folder: string) {
  const { models, dataBytes } = await exportOnnxModels(
    join(folder, "onnx"),
    {
      ...Object.fromEntries(
        reader.layers.map((_, stage) => [basename(termsFile(stage)), termsModel(reader, stage)]),
      ),
      [basename(ONNX_FILES.answer)]: answerModel(reader),
    },
    { dataFile: basename(ONNX_FILES.weights) },
  );
  return { models, bytes: models.reduce((sum, model) => sum + model.bytes, dataBytes) };
}

function notesFor({ config, layer, tokenizer }: Reader): string[] {
  const notes: string[] = [];
  if (layer) {
    notes.push(
      `calls ${functionNames(config).join(", then ")}: load it with loadExportedReader, which runs what it calls`,
    );
  } else if (config.model_type === "symgrad-encoder") {
    notes.push("the encoder is not Hugging Face's: load it with loadExportedReader");
  } else if (tokenizer.digits === "split") {
    notes.push(
      "reads numbers digit by digit, which tokenizer.json cannot say: other programs split them otherwise",
    );
  }
  return notes;
}
