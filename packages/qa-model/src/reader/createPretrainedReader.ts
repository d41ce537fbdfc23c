import { loadParameters, SymgradError } from "@symgrad/core";
import { resolveCheckpoint } from "../checkpoint/hub";
import { loadEncoder } from "../checkpoint/loadEncoder";
import { type CreateReaderOptions, createReader, type Reader } from "./reader";

export interface CreatePretrainedReaderOptions extends Omit<CreateReaderOptions, "tokenizer"> {
  /** A BERT or DistilBERT as Hugging Face writes it: a folder, or a hub id. */
  encoder: string;
  /**
   * How numbers become tokens. Default: "split" with a calculator, which needs digits; without one "whole", as the encoder
   * was trained.
   */
  digits?: "split" | "whole" | undefined;
}

/**
 * A reader on a pretrained encoder: its weights and tokenizer, and heads drawn from `key`; a span head that the checkpoint
 * has is taken over. Without a calculator it looks for answers in the passage alone, as Hugging Face's readers do.
 *
 * @param options.config Overrides what the checkpoint says where that changes no shape of a pretrained weight.
 * @throws SymgradError The errors of `loadEncoder` and `resolveCheckpoint`; `E_CHECKPOINT` if weights are missing or of
 *   another shape.
 */
export async function createPretrainedReader(options: CreatePretrainedReaderOptions): Promise<Reader> {
  const calculator = options.config?.calculator ?? true;
  const { config, tokenizer, tensors, hasSpanHead, where } = await loadEncoder(
    await resolveCheckpoint(options.encoder),
    { digits: options.digits ?? (calculator ? "split" : "whole") },
  );
  const { model_type: modelType } = options.config ?? {};
  if (modelType !== undefined && modelType !== config.model_type) {
    throw new SymgradError(
      "E_USAGE",
      `the encoder is a ${config.model_type}, the configuration says ${modelType}.`,
      { where },
    );
  }
  const reader = createReader({
    ...options,
    tokenizer,
    config: { ...config, answer_in_question: calculator, ...options.config },
  });
  try {
    const pretrained = [...reader.parameters()].filter(
      ([name]) => name.startsWith(`${config.model_type}.`) || (hasSpanHead && name.startsWith("qa_outputs.")),
    );
    loadParameters(new Map(pretrained), tensors, { where });
    return reader;
  } catch (error) {
    reader.dispose();
    throw error;
  }
}
