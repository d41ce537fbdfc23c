import type { QaExample, QaQuestion } from "./parseExample";
import { type DropQuestion, dropGolds } from "./readDrop";
import type { SquadQuestion } from "./readSquad";
import type { TatQaQuestion } from "./readTatQa";

/** DROP's questions as examples: every text of every annotator is right to point at, `golds` keeps them together. */
export function dropExamples(questions: readonly DropQuestion[]): QaQuestion[] {
  return questions.map((one) => {
    const { id, passage, question } = one;
    const golds = dropGolds(one).map(({ texts }) => texts.map((text) => text.trim()));
    const answers = [...new Set(golds.flat())];
    return { id, passage, question, ...(answers.length > 0 ? { answer: answers[0]!, answers, golds } : {}) };
  });
}

/** SQuAD's questions as examples, with the places that annotators marked; one that nothing answers has the answer "". */
export function squadExamples(questions: readonly SquadQuestion[]): QaQuestion[] {
  return questions.map(({ id, passage, question, answers, impossible }) => {
    if (impossible) return { id, passage, question, answer: "", answers: [""], impossible };
    const texts = [...new Set(answers.map(({ text }) => text))];
    if (texts.length === 0) return { id, passage, question };
    const spans = new Map<string, [number, number]>();
    for (const { text, start } of answers) {
      if (start !== undefined) spans.set(`${start} ${text}`, [start, start + text.length]);
    }
    const marks = spans.size > 0 ? { spans: [...spans.values()] } : {};
    return { id, passage, question, answer: texts[0]!, answers: texts, ...marks };
  });
}

/** TAT-QA's questions as examples; an answer's scale ("million") is not part of its text. */
export function tatQaExamples(questions: readonly TatQaQuestion[]): QaExample[] {
  return questions.map(({ id, passage, question, answer, answerType }) => ({
    id,
    passage,
    question,
    answer: answer[0]!,
    answers: [...new Set(answer)],
    golds: [answer],
    type: answerType,
  }));
}
