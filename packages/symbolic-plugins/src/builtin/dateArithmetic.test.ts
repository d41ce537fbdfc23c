import { expect, test } from "vitest";
import { timeExpression } from "../arguments/timeExpression";
import { dateArithmetic } from "./dateArithmetic";

const call = (a: unknown, b: unknown) =>
  dateArithmetic.run({ a: timeExpression.parse(a)!, b: timeExpression.parse(b)! });

test.each([
  [
    "22 January 1621",
    "21 February 1621",
    "1621-01-22 before 1621-02-21, 30 days, 0 months, 0 years, Friday, Sunday",
  ],
  ["2000-02-29", "1999-02-28", "2000-02-29 after 1999-02-28, 366 days, 12 months, 1 years, Tuesday, Sunday"],
  [
    "2001-02-28",
    "2001-01-31",
    "2001-02-28 after 2001-01-31, 28 days, 1 months, 0 years, Wednesday, Wednesday",
  ],
  ["2001-01-31", "2001-01-31", "2001-01-31 same 2001-01-31, 0 days, 0 months, 0 years, Wednesday, Wednesday"],
  ["May 2010", "March 2012", "2010-05 before 2012-03, 22 months, 1 years"],
  ["1942", "1918", "1942 after 1918, 24 years"],
  ["1942", "May 1943", "1942 before 1943-05"],
  ["2000-01-31", "1 month", "2000-02-29, 1 months after 2000-01-31, 1999-12-31, 1 months before 2000-01-31"],
  ["2 weeks", "2000-02-20", "2000-03-05, 2 weeks after 2000-02-20, 2000-02-06, 2 weeks before 2000-02-20"],
  ["9999-12-31", "1 day", "9999-12-30, 1 days before 9999-12-31"],
])("F(%s, %s)", (a, b, text) => {
  expect(call(a, b)).toMatchObject({ kind: "ok", text });
});

test("the values are the numbers, dates and weekdays alone", () => {
  expect(call("22 January 1621", "21 February 1621")).toMatchObject({
    values: ["30", "0", "0", "Friday", "Sunday"],
  });
  expect(call("2000-01-31", "1 month")).toMatchObject({ values: ["2000-02-29", "1999-12-31"] });
});

test.each([
  ["30 February 2001", "1 March 2001", "no such date"],
  ["29 February 1900", "3 days", "no such date"],
  ["9999-12-31", "99999 years", "no such date"],
  ["11 March", "12 March 1900", "no year"],
  ["11 March", "3 days", "no year"],
  ["1942", "May 1942", "order not known"],
  ["3 days", "2 years", "two durations"],
  ["May 2010", "30 days", "duration from no day"],
])("F(%s, %s) is undefined", (a, b, reason) => {
  expect(call(a, b)).toEqual({ kind: "undefined", reason });
  expect(call(b, a)).toEqual({ kind: "undefined", reason });
});
