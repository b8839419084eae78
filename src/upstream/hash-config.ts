// What the hashing balancers are told: which part of a request is its key, and how far load may lean to one endpoint.
import { type Infer, s } from '../schema/builder.ts';
import type { RequestKeyPart, RequestKeySource } from './balancer.ts';

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

export const HASH_CONFIG = s.object({
  hash_on: s.withDefault(
    s.oneOrMany(PART, 'What decides: of several the first that the request has. Default client_ip.'),
    ['client_ip'],
  ),
  bounded_load: s.withDefault(
    s.union(
      [s.number('At least 1.', { min: 1 }), s.literal(false, 'No bound.')],
      'An endpoint takes at most so many times its share of the requests under way; what is over goes to the next place of its key. Default 1.25.',
    ),
    1.25,
  ),
});

export type HashConfig = Infer<typeof HASH_CONFIG>;

function toPart(written: HashConfig['hash_on'][number]): RequestKeyPart {
  if (typeof written === 'string') return { kind: written === 'client_ip' ? 'client-ip' : written };
  if ('header' in written) return { kind: 'header', name: written.header.toLowerCase() };
  return 'cookie' in written ? { kind: 'cookie', name: written.cookie } : { kind: 'query', name: written.query };
}

export function toKeySource({ hash_on }: HashConfig): RequestKeySource {
  return hash_on.map(toPart);
}

export function toBound({ bounded_load }: HashConfig): number {
  return bounded_load === false ? 0 : bounded_load;
}
