// `condition` of a rule in `model_routing`, `size_based_routing` or `user_routing`: a header with a value in two keys, or anything a
// match of a route may hold.
import type { Match } from '../../model/match.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { isHeaderName } from './header-fields.ts';
import { parseHost } from './host-name.ts';
import { MATCH_KEYS, MatchReader, VALUE } from './match.ts';
import type { Reading } from './reading.ts';

export const CONDITION = s.object(
  {
    header: s.optional(s.string('Name of a header field.', { minLength: 1 })),
    claim: s.optional(s.string('Claim of the caller; acts with authentication, not in this version.')),
    value: s.optional(VALUE),
    ...MATCH_KEYS,
  },
  'Which requests the rule takes; all of it must hold.',
);

type Written = Infer<typeof CONDITION>;

export interface RuleCondition {
  readonly match: readonly Match[];
  readonly hostnames: readonly string[];
}

interface Place {
  readonly reading: Reading;
  readonly path: Path;
}

/** False for a condition that can hold for no request of this version, or says nothing at all. */
function isUsable(written: Written, { reading, path }: Place): boolean {
  if (Object.keys(written).length === 0) {
    const message = 'the condition says nothing: the rule would take every request';
    reading.error(path, {
      code: 'config.missing-key',
      message,
      mend: 'give "header" and "value", "path" or "content_length"',
    });
    return false;
  }
  if (written.header === undefined && written.claim === undefined && written.value !== undefined) {
    const message = '"value" has no "header" to belong to';
    reading.error([...path, 'value'], { code: 'config.missing-key', message, mend: 'give "header": its name' });
    return false;
  }
  if (written.claim === undefined) return true;
  const message = 'this version does not know the claims of a caller yet: the rule takes no request';
  reading.warning([...path, 'claim'], { code: 'config.not-available', message, mend: 'compare a header meanwhile' });
  return false;
}

function headersOf({ header, value, headers }: Written, { reading, path }: Place): Written['headers'] {
  if (header === undefined) return headers;
  if (!isHeaderName(header))
    reading.error([...path, 'header'], { code: 'config.wrong-value', message: 'not the name of a header field' });
  const isTwice = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === header.toLowerCase());
  if (isTwice) {
    const message = `"headers" compares ${header} as well`;
    reading.error([...path, 'header'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  return { [header]: value ?? true, ...headers };
}

/** Undefined for a rule that makes no route; why is then said. */
export function readCondition(written: Written, place: Place): RuleCondition | undefined {
  if (!isUsable(written, place)) return undefined;
  const { reading, path } = place;
  const { header: _header, claim: _claim, value: _value, host = [], ...rest } = written;
  const headers = headersOf(written, place);
  const match = new MatchReader(reading, path).read({ ...rest, ...(headers !== undefined && { headers }) });
  const hostnames = host.includes('*') ? [] : host.flatMap((name) => parseHost(name, reading, [...path, 'host']));
  return { match, hostnames };
}
