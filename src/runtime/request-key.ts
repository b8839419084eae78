// The key of a request for hashing balancers, from the part of it that the backend names. Compiled once per backend.
import { murmur3 } from '../base/murmur3.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { RequestKeyPart, RequestKeySource } from '../upstream/balancer.ts';
import { headerId } from '../wire/known-headers.ts';
import { cookieValue, queryValue } from './router/field-values.ts';

/** Unsigned 32 bits, or -1 when the request has none of the parts. */
export type RequestKey = (exchange: Exchange) => number;

type TextOf = (exchange: Exchange) => string | undefined;

/** For backends that do not hash: nothing of the request is looked at. */
export const NO_KEY: RequestKey = () => -1;

const ID_COOKIE = headerId('cookie');
const ID_FORWARDED_FOR = headerId('x-forwarded-for');

/** What a trusted proxy saw; of anybody else's X-Forwarded-For nothing is believed, or a client could choose its endpoint. */
function clientAddress({ client, headers }: Exchange): string {
  const chain = client.isTrusted ? headers.getKnown(ID_FORWARDED_FOR) : undefined;
  return chain === undefined ? client.ip : chain.slice(chain.lastIndexOf(',') + 1).trim();
}

function textOf(part: RequestKeyPart): TextOf {
  switch (part.kind) {
    case 'header':
      return part.name === 'host' ? ({ host }) => host : ({ headers }) => headers.get(part.name);
    case 'cookie':
      return ({ headers }) => cookieValue(headers.getKnown(ID_COOKIE), part.name);
    case 'query':
      return ({ query }) => queryValue(query, part.name);
    case 'path':
      return ({ path }) => path;
    case 'client-ip':
      return clientAddress;
    case 'model':
      return ({ genAi, model }) => genAi?.requestModel ?? model;
  }
}

export function compileRequestKey(source: RequestKeySource | undefined, seed = 0): RequestKey {
  if (source === undefined) return NO_KEY;
  const texts = source.map(textOf);
  return (exchange) => {
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index](exchange);
      if (text !== undefined && text !== '') return murmur3(text, seed);
    }
    return -1;
  };
}
