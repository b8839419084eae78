// What kind of trouble a socket error is, by the codes Node and OpenSSL give: requests and health probes sort them alike.

export type SocketTrouble = 'dns' | 'timeout' | 'certificate' | 'tls' | 'other';

/** `code` of the error; empty when it has none. */
export function socketTrouble(code: string): SocketTrouble {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code.includes('CERT') || code.includes('SELF_SIGNED') || code.startsWith('UNABLE_TO')) return 'certificate';
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO' ? 'tls' : 'other';
}
