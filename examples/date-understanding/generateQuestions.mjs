import { key, uniformInt } from "@symgrad/core";
import { date, dateArithmetic } from "@symgrad/symbolic-plugins";

const names = ["Anna", "Ben", "Carla", "David", "Emma", "Felix", "Jane", "John", "Maria", "Tom"];
const things = [
  "the museum",
  "the dentist",
  "the concert",
  "a flight",
  "the exam",
  "a meeting",
  "the deadline",
];
const items = ["eggs", "pens", "apples", "pizzas", "books"];

/**
 * Sentences that place today: `[text, step]` where `D` is a date, the step leads from it to today, and `E` is some other
 * date. `N` is a number, `P` a person, `Q` another, `T` a thing, `I` items.
 */
const contexts = [
  ["Today is D.", "+0 days"],
  ["It is D today.", "+0 days"],
  ["Today, D, is a day that P will remember.", "+0 days"],
  ["The local time is 5:30 pm of D.", "+0 days"],
  ["Today is D. T of P will be N days later.", "+0 days"],
  ["P thinks today is E, but Q thinks today is D. Q is correct.", "+0 days"],
  ["P thinks today is D, but Q thinks today is E. P is correct.", "+0 days"],
  ["T was planned for E, but it was moved to D, which is today.", "+0 days"],
  ["Tomorrow is D.", "-1 day"],
  ["P booked T for tomorrow, D.", "-1 day"],
  ["T is tomorrow (D), and P has bought N I.", "-1 day"],
  ["P's appointment was moved to 9 am tomorrow, D.", "-1 day"],
  ["Yesterday was D.", "+1 day"],
  ["Yesterday, D, P ate N I and 5 I.", "+1 day"],
  ["It was D yesterday, when P met Q.", "+1 day"],
  ["T was to be on D, but was delayed by one day to today.", "+1 day"],
  ["The day before yesterday was D.", "+2 days"],
  ["The day after tomorrow is D.", "-2 days"],
  ["It was D a week ago.", "+1 week"],
  ["A week ago, on D, P saw T.", "+1 week"],
  ["A week from now it will be D.", "-1 week"],
  ["P left the job on D. N days have passed since then.", "+N days"],
  ["P began T on D, N days ago.", "+N days"],
  ["On D P bought N I. P ate one per day. N days later, today, none was left.", "+N days"],
  ["T is on D, which is N days away from now.", "-N days"],
  ["There are N days left until D.", "-N days"],
  ["P and Q married on D. Today is their N-year anniversary.", "+N years"],
  ["P and Q married on D. It is their N-year anniversary today.", "+N years"],
  ["P was born on D. Today P turns N years old.", "+N years"],
  ["D is like yesterday to P, but that is N years ago.", "+N years"],
  ["P moved here on D, N months ago.", "+N months"],
  ["P has waited for T since D, N weeks ago.", "+N weeks"],
];

/** What may be asked about today. */
const questions = [
  ["today", "+0 days"],
  ["tomorrow", "+1 day"],
  ["yesterday", "-1 day"],
  ["24 hours later", "+1 day"],
  ["the day after tomorrow", "+2 days"],
  ["one week from today", "+1 week"],
  ["one week ago from today", "-1 week"],
  ["a month ago", "-1 month"],
  ["a month from today", "+1 month"],
  ["one year ago from today", "-1 year"],
  ["one year from today", "+1 year"],
  ["N days ago", "-N days"],
  ["N days from today", "+N days"],
];

/**
 * Questions about dates with their answers, drawn from templates. Nothing says which date, step or direction it takes.
 *
 * @returns `{ context, question, answer }[]`, the answer as an ISO date.
 */
export function generateQuestions(count, seed) {
  const random = key(seed).fold("date questions");
  const made = [];
  for (let i = 0; made.length < count; i++) {
    const draws = uniformInt(random.fold(i), 40, 0, 2 ** 30);
    let at = 0;
    const pick = (list) => list[draws[at++] % list.length];
    const [template, toToday] = pick(contexts);
    const [question, toAnswer] = pick(questions);
    const n = String(2 + (draws[at++] % 60));
    const asked = String(3 + (draws[at++] % 28));
    const from = someDay(draws[at++]);
    const [person, other] = [pick(names), pick(names)];
    const filled = {
      D: written(from, draws[at++]),
      E: written(someDay(draws[at++]), draws[at++]),
      N: n,
      P: person,
      Q: other === person ? "Olga" : other,
      T: pick(things),
      I: pick(items),
    };
    const today = shifted(from, toToday.replace("N", n));
    const answer = today && shifted(today, toAnswer.replace("N", asked));
    if (!answer) continue;
    const context = template.replace(/\b[DENPQTI]\b/g, (letter) => filled[letter]);
    made.push({ context: capital(context), question: question.replace("N", asked), answer });
  }
  return made;
}

/** An ISO day of the years 1900 to 2049. */
function someDay(draw) {
  const day = 1 + (draw % 28);
  const month = 1 + (Math.floor(draw / 28) % 12);
  return date.canonical({ year: 1900 + (Math.floor(draw / 336) % 150), month, day });
}

/** In one of the ways that people write a day. */
function written(iso, draw) {
  const [year, month, day] = iso.split("-").map(Number);
  const name = new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(
    Date.UTC(2000, month - 1, 1),
  );
  const th =
    day % 10 === 1 && day !== 11
      ? "st"
      : day % 10 === 2 && day !== 12
        ? "nd"
        : day % 10 === 3 && day !== 13
          ? "rd"
          : "th";
  const two = (number) => String(number).padStart(2, "0");
  const forms = [
    `${month}/${day}/${year}`,
    `${two(month)}/${two(day)}/${year}`,
    `${name} ${day}, ${year}`,
    `${name.slice(0, 3)} ${day}, ${year}`,
    `${name} ${day}${th}, ${year}`,
    `${day} ${name} ${year}`,
  ];
  return forms[draw % forms.length];
}

function shifted(iso, signed) {
  const [count, unit] = signed.slice(1).split(" ");
  const b = { count: Number(count), unit: unit.endsWith("s") ? unit : `${unit}s` };
  const result = dateArithmetic.run({ a: date.parse(iso), b });
  return result.kind === "ok" && result.values.length === 2
    ? result.values[signed[0] === "+" ? 0 : 1]
    : undefined;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
