// Tokens of Microsoft Entra by client credentials (OAuth 2.0, RFC 6749 §4.4), as Azure's AI services take them instead of a key.
import type { TokenNeed } from '../../llm/provider.ts';
import type { Post, PostAnswer } from './https-post.ts';
import type { FetchedToken, TokenClock, TokenFailure, TokenFetch } from './token-source.ts';

type EntraNeed = Extract<TokenNeed, { readonly kind: 'entra' }>;

export interface EntraDeps {
  readonly post: Post;
  readonly clock: TokenClock;
}

function failure(reason: string): TokenFailure {
  return { kind: 'failure', reason: `no token of Entra: ${reason}` };
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {}; // a proxy's page: told by its status
  }
}

/** Only the code of RFC 6749 §5.2: descriptions quote what was sent. */
function wordOf(error: unknown): string {
  return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? ` (${error})` : '';
}

function read({ status, body }: PostAnswer, sentAtMs: number): FetchedToken | TokenFailure {
  const document = parsed(body);
  if (status !== 200) return failure(`status ${status}${wordOf(document.error)}`);
  const seconds = Number(document.expires_in);
  if (typeof document.access_token !== 'string' || !Number.isFinite(seconds))
    return failure('an answer without a token');
  return { kind: 'token', token: document.access_token, expiresAtMs: sentAtMs + seconds * 1000 };
}

export function entraFetch(need: EntraNeed, secret: string | undefined, { post, clock }: EntraDeps): TokenFetch {
  const url = `https://login.microsoftonline.com/${encodeURIComponent(need.tenantId)}/oauth2/v2.0/token`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: need.clientId,
    client_secret: secret ?? '',
    scope: need.scope,
  }).toString();
  return async () => {
    if (secret === undefined) return failure('the client has no secret');
    const sentAtMs = clock.wallMs();
    const answer = await post(url, form).catch((error: NodeJS.ErrnoException) => failure(error.code ?? 'no answer'));
    return 'kind' in answer ? answer : read(answer, sentAtMs);
  };
}
