// The model as anybody with admin access may see it: everything but secrets.
import type { GatewayModel } from '../model/gateway-model.ts';

const HIDDEN = '***';

/** Members that hold a secret wherever they stand. `key` alone is the private key of a `tls` member. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set([
  'apiKey',
  'api_key',
  'password',
  'secret',
  'token',
  'clientSecret',
  'session_token',
  'privateKey',
]);
const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|(api|auth|access|secret|subscription)-?(key|token)|token|secret|password/i;

function redact(value: unknown, inTls: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, false));
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  const isSecretField = typeof record.name === 'string' && SECRET_HEADER.test(record.name);
  for (const [name, member] of Object.entries(record)) {
    const isSecret = SECRET_MEMBERS.has(name) || (inTls && name === 'key') || (isSecretField && name === 'value');
    if (isSecret && member !== undefined) copy[name] = HIDDEN;
    else if (name === 'url' && typeof member === 'string') copy[name] = member.replace(/\/\/[^/@]*@/, `//${HIDDEN}@`);
    else copy[name] = redact(member, name === 'tls');
  }
  return copy;
}

/** A copy without keys, credentials or the values of fields that carry one. Matches on such fields lose their value too. */
export function redactModel(model: GatewayModel): object {
  return redact(model, false) as object;
}
