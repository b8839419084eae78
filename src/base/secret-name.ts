// Whether a field's name says that its value is a secret: such values are left out of explanations and findings.

const SECRET =
  /auth|cookie|credential|passw|secret|session|signature|token|(?:^|[-_.])key|api-?key|(?:^|[-_.])(?:jwt|pwd|sid|sig)$/i;

/** Judged by the name alone and rather too often than too seldom: only text for people depends on it. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name);
}
