/** Two words and how similar people find them. */
export interface WordPair {
  readonly words: readonly [string, string];
  readonly score: number;
}

/** Questions under one title: a is to b as c is to d. */
export interface AnalogySection {
  readonly title: string;
  readonly questions: readonly (readonly [string, string, string, string])[];
}

export type EvaluationSet =
  | { readonly name: string; readonly kind: "similarity"; readonly pairs: readonly WordPair[] }
  | { readonly name: string; readonly kind: "analogy"; readonly sections: readonly AnalogySection[] };
