// Tries every certificate of a configuration before it takes effect: a pair that does not load would fail in the middle of a
// reload, or at the first handshake.
import { readFileSync } from 'node:fs';
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

/** PEM text, or the content of the file it names. */
function readPem(value: string | undefined): string | undefined {
  return value === undefined || value.includes('-----BEGIN') ? value : readFileSync(value, 'utf8');
}

/** The library's own words without its codes: they name no secret. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'the file does not exist';
  if (code === 'EACCES') return 'the file may not be read';
  return message.replace(/^error:[0-9A-F]+:/i, '').replaceAll('::', ' ');
}

function checkPem({ what, cert, key, ca, origin }: Pem): Finding | undefined {
  try {
    const parts = { cert: readPem(cert), key: readPem(key), ca: readPem(ca) };
    createSecureContext(Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)));
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

/** Paths the model names, to be watched: a renewed certificate is a change. */
export function certificateFiles(model: GatewayModel): readonly string[] {
  const values = [
    ...model.listeners.flatMap(({ tls }) => [tls?.certificate, tls?.key]),
    ...model.backends.flatMap(({ tls }) => [tls?.certificate, tls?.key, tls?.ca]),
  ];
  return values.filter((value) => value !== undefined && !value.includes('-----BEGIN')) as string[];
}
