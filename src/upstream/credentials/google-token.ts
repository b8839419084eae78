// Tokens of Google Cloud: of a service account's key, or without one of the machine (workload identity, metadata server, gcloud).
// Google's own library knows all of these; it is loaded with the first token, so that nobody else pays for it.
import type { TokenNeed } from '../../llm/provider.ts';
import type { FetchedToken, TokenFailure, TokenFetch } from './token-source.ts';

type GoogleNeed = Extract<TokenNeed, { readonly kind: 'google' }>;

/** What is used of a client of the library. */
export interface GoogleClient {
  getAccessToken(): Promise<{ readonly token?: string | null | undefined }>;
  readonly credentials: { readonly expiry_date?: number | null | undefined };
}

export interface GoogleCredentials {
  /** The key file's content; undefined = the machine's. */
  readonly key: Readonly<Record<string, unknown>> | undefined;
  readonly scopes: readonly string[];
}

export type GoogleClientLoader = (credentials: GoogleCredentials) => Promise<GoogleClient>;

export const loadGoogleClient: GoogleClientLoader = async ({ key, scopes }) => {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: [...scopes], ...(key === undefined ? {} : { credentials: key }) });
  return auth.getClient();
};

function failure(reason: string): TokenFailure {
  return { kind: 'failure', reason: `no token of Google: ${reason}` };
}

function keyOf(secret: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(secret);
    const isKey = typeof value === 'object' && value !== null && 'type' in value;
    return isKey ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // told without its text, which is a secret
  }
}

interface LibraryError {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly response?: { readonly status?: unknown; readonly data?: { readonly error?: unknown } };
}

/** Words and numbers only: messages of the library quote keys and addresses. */
function reasonOf(error: LibraryError): string {
  const word = error.response?.data?.error;
  const status = error.response?.status ?? error.status;
  if (typeof word === 'string' && /^[a-z_]{1,64}$/.test(word)) return word;
  if (typeof status === 'number') return `status ${status}`;
  return typeof error.code === 'string' && /^[A-Z_]{1,40}$/.test(error.code)
    ? error.code
    : 'the credentials cannot be used';
}

async function fetchToken(client: GoogleClient): Promise<FetchedToken | TokenFailure> {
  const { token } = await client.getAccessToken();
  const expiresAtMs = client.credentials.expiry_date;
  if (typeof token !== 'string' || typeof expiresAtMs !== 'number') return failure('an answer without a token');
  return { kind: 'token', token, expiresAtMs };
}

export function googleFetch(need: GoogleNeed, secret: string | undefined, load: GoogleClientLoader): TokenFetch {
  const key = secret === undefined ? undefined : keyOf(secret);
  const isBroken = secret !== undefined && key === undefined;
  let client: GoogleClient | undefined;
  return async () => {
    if (isBroken) return failure('the key is not the JSON of a key file');
    try {
      client ??= await load({ key, scopes: need.scopes });
      return await fetchToken(client);
    } catch (error) {
      client = undefined;
      return failure(reasonOf(error as LibraryError));
    }
  };
}
