import { argumentLosses } from "@symgrad/symbolic-plugins";

/** The ways to learn from the tuples that a search found; `none` learns from the end loss alone. */
export const ARGUMENT_LOSSES = { ...argumentLosses, none: undefined };

export type ArgumentLossName = keyof typeof ARGUMENT_LOSSES;
