/** Which bytes of a file are which part. */

export interface Part {
  /** From 1. */
  number: number;
  start: number;
  /** The first byte that is not in it. */
  end: number;
}

export interface Arrived {
  number: number;
  size: number;
  sha256?: string;
}

/** All parts of a file of `size` bytes; an empty file has one, which is empty. */
export function parts(size: number, partBytes: number): Part[] {
  if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(partBytes) || partBytes < 1) {
    throw new RangeError(`${size} bytes cannot be cut into parts of ${partBytes}`);
  }
  const count = Math.max(1, Math.ceil(size / partBytes));
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partBytes,
    end: Math.min((index + 1) * partBytes, size),
  }));
}

/** The parts that have not arrived whole. */
export function missing(all: Part[], arrived: Arrived[]): Part[] {
  const sizes = new Map(arrived.map((each) => [each.number, each.size]));
  return all.filter((part) => sizes.get(part.number) !== part.end - part.start);
}
