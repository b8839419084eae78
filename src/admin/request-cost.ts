// Where `GET /api/v1/requests/{id}/cost` asks: what one of the last AI requests cost, try by try.

export const REQUEST_COST_PATH = '/api/v1/requests/{id}/cost';
const PATTERN = /^\/api\/v1\/requests\/([^/]+)\/cost$/;

/** The request id in such a path; undefined for any other path, and for one whose escapes are broken. */
export function requestIdIn(path: string): string | undefined {
  const written = PATTERN.exec(path)?.[1];
  if (written === undefined) return undefined;
  try {
    return decodeURIComponent(written);
  } catch {
    return undefined;
  }
}
