/**
 * Just enough of the protocol-buffers wire format to write an ONNX model: varints, 32-bit floats and
 * length-delimited fields. https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  private push(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  private static varint(value: number | bigint): Uint8Array {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return Uint8Array.from(bytes);
  }

  /** An int32, int64, bool or enum field. */
  integer(field: number, value: number | bigint): this {
    this.push(ProtobufWriter.varint(field << 3));
    this.push(ProtobufWriter.varint(value));
    return this;
  }

  /** A float field. */
  float(field: number, value: number): this {
    this.push(ProtobufWriter.varint((field << 3) | 5));
    this.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** A bytes field. */
  bytes(field: number, value: Uint8Array): this {
    this.push(ProtobufWriter.varint((field << 3) | 2));
    this.push(ProtobufWriter.varint(value.length));
    this.push(value);
    return this;
  }

  /** A string field, UTF-8. */
  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** An embedded message. */
  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      result.set(chunk, offset);
      offset += chunk.length;
    }
    return result;
  }
}
