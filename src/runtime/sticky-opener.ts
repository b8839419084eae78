// Reads a request's sticky cookie or header, once per target that keeps sessions.
import type { Exchange } from '../pipeline/exchange.ts';
import type { StickySession, StickySessions } from '../upstream/sticky-sessions.ts';
import { headerId } from '../wire/known-headers.ts';
import { cookieValue } from './router/field-values.ts';

export type StickyOpener = (exchange: Exchange) => StickySession;

const ID_COOKIE = headerId('cookie');

export function stickyOpener(sessions: StickySessions): StickyOpener {
  const { carrier, name } = sessions.settings;
  if (carrier === 'cookie') return ({ headers }) => sessions.open(cookieValue(headers.getKnown(ID_COOKIE), name));
  const lowerName = name.toLowerCase();
  return ({ headers }) => sessions.open(headers.get(lowerName));
}
