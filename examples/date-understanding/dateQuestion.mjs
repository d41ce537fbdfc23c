import {
  date,
  dateArithmetic,
  defineFunction,
  fromExample,
  ok,
  tokens,
  undefinedResult,
} from "@symgrad/symbolic-plugins";

/** A step in time, "+1 day", "-10 years", "+0 days": a sign and a duration of `dateArithmetic`. */
const step = {
  name: "step in time",
  expected: 'a sign and a duration, such as "+1 day" or "-10 years"',
  parse: (value) =>
    typeof value === "string" && /^[+-]\d{1,6} (day|week|month|year)s?$/.test(value) ? value : undefined,
  canonical: (value) => value,
  samples: ["+0 days", "+1 day", "-1 week", "+13 months", "-200 years"],
};

/**
 * The day that a question is about: from a date of the text to today, and from today to the day that is asked for. Both
 * steps are taken by the built-in `symgrad.dateArithmetic.v1`.
 */
export const dateQuestion = defineFunction({
  name: "example.dateQuestion.v1",
  args: {
    from: fromExample("dates", date),
    toToday: fromExample("steps", step),
    toAnswer: fromExample("questionSteps", step),
  },
  run({ from, toToday, toAnswer }) {
    const today = take(from, toToday);
    const answer = today && take(date.parse(today), toAnswer);
    return answer ? ok(answer, { values: [answer] }) : undefinedResult("no such date");
  },
  output: tokens({ digits: "split" }),
  maxLength: 10,
  examples: [{ dates: ["2000-02-29"], steps: ["+0 days", "-1 day"], questionSteps: ["+1 year"] }],
});

/** @returns The ISO date a step away; undefined where there is none. */
function take(from, signed) {
  const [count, unit] = signed.slice(1).split(" ");
  const duration = { count: Number(count), unit: unit.endsWith("s") ? unit : `${unit}s` };
  const result = dateArithmetic.run({ a: from, b: duration });
  // The day that much later, and that much earlier.
  return result.kind === "ok" && result.values.length === 2
    ? result.values[signed[0] === "+" ? 0 : 1]
    : undefined;
}
