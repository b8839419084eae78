// Asks the admin server of a running gateway, for commands: the answer's JSON, or why there is none.

export interface AdminAddress {
  readonly url: string;
  readonly token: string | undefined;
}

export type AdminAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

export async function askAdmin({ url, token }: AdminAddress, path: string): Promise<AdminAnswer> {
  const address = URL.parse(path, url);
  if (address === null) return { ok: false, reason: `${url} is no URL` };
  try {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(address, { headers, redirect: 'error' });
    const value: unknown = await response.json();
    if (response.ok) return { ok: true, value };
    const { detail } = value as { readonly detail?: unknown };
    return { ok: false, reason: typeof detail === 'string' ? detail : `the gateway answered ${response.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ok: false, reason: `${address.origin} did not answer: ${cause instanceof Error ? cause.message : cause}` };
  }
}
