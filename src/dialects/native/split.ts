// The key `split` of a route: a part of the request by which its users are divided among the backends, the same way every time.
import type { Action, ForwardAction } from '../../model/route.ts';
import { bucketEnds, type SplitKeyPart } from '../../model/split.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

const NAME = (description: string) =>
  s.string(description, { pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, expected: 'a name' });

const PART = s.union(
  [
    s.choice(['client_ip', 'path', 'model'], 'A part of the request without a name of its own.'),
    s.object({ header: NAME('Value of this header field.') }),
    s.object({ cookie: NAME('Value of this cookie.') }),
    s.object({ query: s.string('Value of this query parameter.', { minLength: 1 }) }),
  ],
  'A part of the request.',
);

export const SPLIT = s.object(
  {
    key: s.oneOrMany(PART, 'What decides: of several the first that the request has.'),
    seed: s.withDefault(
      s.integer('Of the hash; routes with other seeds divide the same users otherwise. Default 0.', {
        min: 0,
        max: 0xffffffff,
      }),
      0,
    ),
  },
  'A key of the request chooses among the backends: murmur3 of it modulo 100 against the weights, so that a user stays with one. A request without the key, or whose backend is out, takes the weighted turn.',
);

type Written = Infer<typeof SPLIT>;

function toPart(written: Written['key'][number]): SplitKeyPart {
  if (typeof written === 'string') return { kind: written === 'client_ip' ? 'client-ip' : written };
  if ('header' in written) return { kind: 'header', name: written.header.toLowerCase() };
  return 'cookie' in written ? { kind: 'cookie', name: written.cookie } : { kind: 'query', name: written.query };
}

interface Place {
  readonly reading: Reading;
  readonly path: Path;
}

/** A weight that comes to no bucket has an effect only for requests without the key. */
function reportLost({ targets }: ForwardAction, { reading, path }: Place): void {
  for (const tier of new Set(targets.map((target) => target.tier))) {
    const members = targets.filter((target) => target.tier === tier);
    const ends = bucketEnds(members.map(({ weight }) => weight));
    for (const [index, { backend, weight }] of members.entries()) {
      if (weight === 0 || ends[index] > (index === 0 ? 0 : ends[index - 1])) continue;
      const message = `no key leads to "${backend}": a split goes by hundredths, and its weight is less than one`;
      reading.warning(path, { code: 'config.no-effect', message, mend: 'give it 1% of the weight or more' });
    }
  }
}

/** The action with the split, or as it is where there is nothing to choose. */
export function actionWithSplit(action: Action, written: Written | undefined, { reading, path }: Place): Action {
  if (written === undefined) return action;
  const at = [...path, 'split'];
  const targets = action.kind === 'reply' ? [] : action.targets;
  const isShared = targets.some((target) => targets.some((other) => other !== target && other.tier === target.tier));
  if (action.kind === 'reply' || !isShared) {
    const message = 'split has no effect: no two backends of one tier are there to choose from';
    reading.warning(at, { code: 'config.no-effect', message, mend: 'name them under "backends"' });
    return action;
  }
  reportLost(action, { reading, path: at });
  return { ...action, split: { key: written.key.map(toPart), seed: written.seed } };
}
