import { escapeHtml } from "@symgrad/core";
import type { ExplainedToken, Explanation } from "../explain/explainer";

const MEASURES = [
  {
    field: "gradientNorm",
    title: "Gradient norm",
    says: "How much -log p(answer) changes with the token's input vector.",
  },
  {
    field: "attribution",
    title: "Integrated gradients",
    says: "What the token adds to log p(answer) over a blank text: for the answer in one color, against it in the other.",
  },
  {
    field: "attention",
    title: "Attention",
    says: "What the answer's first and last token attend to, through all layers.",
  },
] as const;

const SOURCES = { question: "Question", passage: "Passage", function: "Result" } as const;

/** One example: what was asked and answered, and three readings of its tokens, as HTML. */
export function explanationSection(explanation: Explanation): string {
  const { prediction, logProb } = explanation;
  const { answer, source, score, calls } = prediction;
  const facts = [
    ["Answer", answer === "" ? "none" : `${answer} (read in the ${source}, probability ${score.toFixed(3)})`],
    ...calls.map(({ function: name, arguments: asked, result, probability }) => [
      "Asked",
      `${name} for ${asked.join(" and ")} (probability ${probability.toFixed(3)}): ${result}`,
    ]),
    ["log p(answer)", `${logProb.toFixed(4)}, over all spans that say so`],
  ];
  const list = facts.map(([name, text]) => `<dt>${escapeHtml(name!)}</dt><dd>${escapeHtml(text!)}</dd>`);
  return `<section class="example"><h3>${escapeHtml(explanation.question)}</h3>
<dl>${list.join("")}</dl>
${MEASURES.map((measure) => heat(explanation, measure)).join("\n")}
${strongest(explanation)}</section>`;
}

function heat(
  { question, passage, prediction, tokens }: Explanation,
  { field, title, says }: (typeof MEASURES)[number],
): string {
  const largest = Math.max(...tokens.map((token) => Math.abs(token[field])), Number.MIN_VALUE);
  const results = prediction.calls.map(
    ({ result }, call) => ({ source: "function", text: result, call }) as const,
  );
  const texts = [
    { source: "question", text: question },
    { source: "passage", text: passage },
    ...results,
  ] as const;
  const rows = texts.flatMap(({ source, text, ...rest }) => {
    const call = "call" in rest && results.length > 1 ? rest.call : undefined;
    const own = tokens.filter((token) => token.source === source && token.call === call);
    if (own.length === 0) return [];
    const name = call === undefined ? SOURCES[source] : `${SOURCES[source]} ${call + 1}`;
    return [`<tr><th scope="row">${name}</th><td>${colored(text, own, field, largest)}</td></tr>`];
  });
  return `<h4>${title}</h4><p class="says">${says}</p><table class="heat"><tbody>${rows.join("")}</tbody></table>`;
}

/** The source's own text, each token on a ground as strong as its value. */
function colored(
  text: string,
  tokens: readonly ExplainedToken[],
  field: (typeof MEASURES)[number]["field"],
  largest: number,
): string {
  let html = "";
  let at = tokens[0]!.start;
  for (const token of tokens) {
    const value = token[field];
    const strength = Math.round((100 * Math.abs(value)) / largest);
    html += escapeHtml(text.slice(at, token.start));
    html += `<span class="${value < 0 ? "against" : "for"}" style="--s:${strength}%" title="${escapeHtml(token.token)}: ${value.toPrecision(3)}">${escapeHtml(text.slice(token.start, token.end))}</span>`;
    at = Math.max(at, token.end);
  }
  return html;
}

/** The same as numbers, for those who do not see the colors. */
function strongest({ tokens, completenessError }: Explanation): string {
  const shown = tokens
    .filter(({ source }) => source !== "special")
    .sort((a, b) => b.gradientNorm - a.gradientNorm)
    .slice(0, 12);
  const rows = shown.map(
    ({ token, source, gradientNorm, attribution, attention }) =>
      `<tr><th scope="row">${escapeHtml(token)}</th><td>${source}</td><td>${gradientNorm.toFixed(4)}</td><td>${attribution.toFixed(4)}</td><td>${attention.toFixed(4)}</td></tr>`,
  );
  return `<details><summary>The twelve strongest tokens as numbers</summary><table><thead><tr><th scope="col">Token</th><th scope="col">In the</th><th scope="col">Gradient norm</th><th scope="col">Integrated gradients</th><th scope="col">Attention</th></tr></thead><tbody>${rows.join("")}</tbody></table>
<p class="says">The attributions of all tokens miss the difference they should sum to by ${completenessError.toExponential(1)}.</p></details>`;
}
