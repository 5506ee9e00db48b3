// Client-made ids of operations and shapes. `crypto.randomUUID` is missing outside secure contexts, `getRandomValues` never is.

/** A random (version 4) UUID from sixteen random bytes. */
export function uuidFrom(random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function newOperationId(): string {
  return uuidFrom(crypto.getRandomValues(new Uint8Array(16)));
}

/** Shapes are named as the agent names its own things: 32 hexadecimal digits. */
export function newShapeId(): string {
  return newOperationId().replaceAll("-", "");
}
