// Tries every certificate of a configuration before it takes effect: a pair that does not load would fail in the middle of a
// reload, or at the first handshake.
import { createSecureContext } from 'node:tls';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Origin } from '../model/origin.ts';

interface Pem {
  readonly what: string;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
  readonly origin: Origin;
}

/** The library's own words without its codes: they name no secret. */
function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/^error:[0-9A-F]+:/i, '').replaceAll('::', ' ');
}

function checkPem({ what, cert, key, ca, origin }: Pem): Finding | undefined {
  try {
    createSecureContext(Object.fromEntries(Object.entries({ cert, key, ca }).filter(([, text]) => text !== undefined)));
    return undefined;
  } catch (error) {
    return {
      severity: 'error',
      code: 'config.bad-certificate',
      message: `The certificate of ${what} cannot be used: ${reasonOf(error)}.`,
      mend: 'Give a PEM certificate and the PEM key that belongs to it, as text or as a path.',
      origin,
    };
  }
}

export function checkCertificates(model: GatewayModel): readonly Finding[] {
  const pems: Pem[] = [];
  for (const { id, tls, origin } of model.listeners) {
    if (tls !== undefined) pems.push({ what: `listener ${id}`, cert: tls.certificate, key: tls.key, origin });
  }
  for (const { name, tls, origin } of model.backends) {
    if (tls !== undefined)
      pems.push({ what: `backend ${name}`, cert: tls.certificate, key: tls.key, ca: tls.ca, origin });
  }
  return pems.flatMap((pem) => checkPem(pem) ?? []);
}
