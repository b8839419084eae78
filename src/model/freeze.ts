// Freezes plain data all the way down: a model is shared by control plane and compilers, and nobody may change it under the others.

/** Returns its argument, frozen. Views of memory are left alone: the language cannot freeze them. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
