// `affinity` of an AI backend: whether conversations go back to the endpoint that has their prompt in its cache, and for how long.
import type { AffinitySettings } from '../../model/backend.ts';
import { DEFAULT_AFFINITY } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

export const AFFINITY = s.object(
  {
    prompt_cache: s.optional(
      s.boolean('Further turns of a conversation go to the endpoint that had its last one; default true.'),
    ),
    ttl: s.optional(s.durationText('How long that is remembered; default 5m, as long as providers keep a prompt.')),
  },
  'Where conversations go back to, while that endpoint is up and has no more than twice its share to do.',
);

export function toAffinity(
  { prompt_cache: promptCache = DEFAULT_AFFINITY.promptCache, ttl }: Infer<typeof AFFINITY>,
  { reading, path }: { readonly reading: Reading; readonly path: Path },
): AffinitySettings {
  const at = [...path, 'ttl'];
  if (ttl === 0) {
    const mend = 'write "prompt_cache: false" where nothing is to be remembered';
    reading.error(at, { code: 'config.wrong-value', message: 'must be longer than 0', mend });
  } else if (ttl !== undefined && !promptCache)
    reading.warning(at, { code: 'config.no-effect', message: 'ttl has no effect: prompt_cache is off' });
  return { promptCache, ttlMs: ttl ?? DEFAULT_AFFINITY.ttlMs };
}
