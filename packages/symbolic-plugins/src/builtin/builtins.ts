import type { SymbolicFunction } from "../define";
import { calculator } from "./calculator";
import { comparator } from "./comparator";
import { count } from "./count";
import { dateArithmetic } from "./dateArithmetic";
import { unitConversion } from "./unitConversion";

/** The functions that come with this package, in the order of its documentation. */
export const builtins: readonly SymbolicFunction[] = Object.freeze([
  calculator,
  comparator,
  dateArithmetic,
  count,
  unitConversion,
]);
