// Matrices that the caller passes.

import CTapForeign
import LayerTap

/// A caller's matrix whose sizes and strides were checked.
@safe struct CallerMatrix {
  let rows: Int
  let columns: Int
  private let data: UnsafeRawPointer?
  private let rowStride: Int
  private let columnStride: Int
  private let type: Int32

  /// - Throws: ``ForeignError``.
  init(_ matrix: UnsafePointer<layertap_matrix>?) throws {
    guard let matrix = unsafe matrix?.pointee else { throw ForeignError.null("features") }
    (rows, columns) = unsafe (matrix.rows, matrix.columns)
    (rowStride, columnStride) = unsafe (Int(matrix.row_stride), Int(matrix.column_stride))
    unsafe data = unsafe matrix.data
    type = unsafe matrix.type
    guard [LAYERTAP_FLOAT32, LAYERTAP_FLOAT64, LAYERTAP_FLOAT16].contains(type) else {
      throw ForeignError.argument(
        "features", problem: "the type is \(type); expected LAYERTAP_FLOAT32, LAYERTAP_FLOAT64 or LAYERTAP_FLOAT16")
    }
    let shape = "\(UInt(bitPattern: rows)) rows of \(UInt(bitPattern: columns)) columns"
    guard columns >= 1 else {
      throw ForeignError.argument("features", problem: "\(shape); at least one column is needed")
    }
    guard rows >= 0, columns < 1 << 40, Self.isAddressable(rows, columns), Self.isAddressable(rows, rowStride),
      Self.isAddressable(columns, columnStride)
    else {
      throw ForeignError.argument(
        "features", problem: "\(shape) with strides of \(rowStride) and \(columnStride) bytes are beyond any memory")
    }
    guard unsafe data != nil || rows == 0 else { throw ForeignError.null("features, data") }
  }

  /// Whether `count` steps of `step` stay within the addresses of a process.
  private static func isAddressable(_ count: Int, _ step: Int) -> Bool {
    let (extent, overflows) = count.multipliedReportingOverflow(by: step)
    return !overflows && extent.magnitude < 1 << 47
  }

  /// The matrix as float32 rows. Memory in this form is used where it is; otherwise the result is a copy.
  ///
  /// - Throws: the errors of ``copy()``.
  func view() throws -> MatrixView {
    let size = MemoryLayout<Float>.size
    guard type == LAYERTAP_FLOAT32, let data = unsafe data, columns == 1 || columnStride == size,
      rows <= 1 || rowStride >= columns * size && rowStride % size == 0,
      Int(bitPattern: data) % MemoryLayout<Float>.alignment == 0
    else { return try copy() }
    return unsafe MatrixView(
      base: data.assumingMemoryBound(to: Float.self), rows: rows, columns: columns,
      rowStride: rows <= 1 ? columns : rowStride / size, owner: CallerOwner())
  }

  /// A float32 copy of the matrix.
  ///
  /// - Throws: ``ForeignError/value(row:column:_:)``, ``ForeignError/tooLarge(rows:columns:)``.
  func copy() throws -> MatrixView {
    guard rows > 0 else { return MatrixView(rows: 0, columns: columns, elements: []) }
    if let memory = Environment.physicalMemory, rows * columns > memory / MemoryLayout<Float>.size {
      throw ForeignError.tooLarge(rows: rows, columns: columns)
    }
    return switch type {
    case LAYERTAP_FLOAT64: try converted(from: Double.self) { (Float($0), $0) }
    case LAYERTAP_FLOAT16:
      try converted(from: UInt16.self) { bits in
        let value = Float(float16Bits: bits)
        return (value, Double(value))
      }
    default: try converted(from: Float.self) { ($0, Double($0)) }
    }
  }

  private func converted<Value: BitwiseCopyable>(
    from type: Value.Type, _ convert: (Value) -> (Float, Double)
  ) throws -> MatrixView {
    var failure: ForeignError?
    let result = MatrixView(rows: rows, columns: columns) { elements in
      guard let data = unsafe data else { return }
      var index = 0
      for row in 0..<rows {
        for column in 0..<columns {
          let offset = row * rowStride + column * columnStride
          let (value, exact) = convert(unsafe data.loadUnaligned(fromByteOffset: offset, as: Value.self))
          guard value.isFinite else {
            failure = .value(row: row, column: column, exact)
            return
          }
          elements[index] = value
          index += 1
        }
      }
    }
    if let failure { throw failure }
    return result
  }
}

/// The caller keeps its memory during a call.
private final class CallerOwner: Sendable {}

extension MatrixView {
  /// Refuses a value that is not finite in a row.
  ///
  /// - Throws: ``ForeignError/value(row:column:_:)``.
  func requireFinite(row: Int) throws {
    try withRow(row) { values in
      for column in values.indices where !values[column].isFinite {
        throw ForeignError.value(row: row, column: column, Double(values[column]))
      }
    }
  }
}
