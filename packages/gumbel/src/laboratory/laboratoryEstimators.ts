import type { RandomKey } from "@symgrad/core";
import type { Estimator, StatefulEstimator } from "../estimator";
import { darn } from "../estimators/darn";
import { entmax15 } from "../estimators/entmax15";
import { exact } from "../estimators/exact";
import { exactMarginal } from "../estimators/exactMarginal";
import { gappedStraightThrough } from "../estimators/gappedStraightThrough";
import { gumbelRao } from "../estimators/gumbelRao";
import { gumbelSoftmax } from "../estimators/gumbelSoftmax";
import { imle } from "../estimators/imle";
import { indecater } from "../estimators/indecater";
import { perturbed } from "../estimators/perturbed";
import { rebar } from "../estimators/rebar";
import { reinforce } from "../estimators/reinforce";
import { reinforceMovingAverage } from "../estimators/reinforceMovingAverage";
import { reinforceSelfCritic } from "../estimators/reinforceSelfCritic";
import { reinmax } from "../estimators/reinmax";
import { relax } from "../estimators/relax";
import { rloo } from "../estimators/rloo";
import { sparsemax } from "../estimators/sparsemax";
import { straightThrough } from "../estimators/straightThrough";
import { straightThroughGumbel } from "../estimators/straightThroughGumbel";
import { topKTail } from "../estimators/topKTail";
import { vargrad } from "../estimators/vargrad";
import { zgr } from "../estimators/zgr";

/**
 * Every estimator of the package, at the settings under which reports compare them: temperature 1 where a forward or
 * backward softmax has one, 10 noises, 4 samples, the top 5. The caller disposes those with `dispose`.
 *
 * @param options.candidates Of the problem, for estimators with a network.
 * @param options.key Names that network's first weights.
 */
export function laboratoryEstimators(options: {
  candidates: number;
  key: RandomKey;
}): (Estimator | StatefulEstimator)[] {
  const temperature = 1;
  return [
    exact(),
    straightThrough({ temperature }),
    gumbelSoftmax({ temperature }),
    straightThroughGumbel({ temperature }),
    gumbelRao({ temperature, samples: 10 }),
    gappedStraightThrough({ temperature }),
    reinmax({ temperature }),
    zgr(),
    darn(),
    reinforce(),
    reinforceMovingAverage(),
    reinforceSelfCritic(),
    rloo({ samples: 4 }),
    vargrad({ samples: 4 }),
    rebar(),
    relax(options),
    imle({ step: 1 }),
    perturbed({ sigma: 1, samples: 10 }),
    sparsemax(),
    entmax15(),
    topKTail({ k: 5 }),
    indecater(),
    exactMarginal(),
  ];
}
