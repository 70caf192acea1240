// Rows of float32 features at any place: in an array, or in a file mapped to memory. The trainers read them in place
// and never copy the data.

/// A read-only row-major float32 matrix that keeps its memory alive.
///
/// `X: [rows, columns]`, the rows `rowStride` elements apart.
@safe public struct MatrixView: @unchecked Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of values in a row.
  public let columns: Int
  /// Elements from the start of one row to the next, at least ``columns``.
  public let rowStride: Int
  @usableFromInline package let base: UnsafePointer<Float>
  private let owner: any AnyObject & Sendable

  /// A matrix over memory that `owner` keeps alive and unchanged.
  ///
  /// - Precondition: `base` reaches `(rows - 1) * rowStride + columns` elements.
  @unsafe package init(
    base: UnsafePointer<Float>, rows: Int, columns: Int, rowStride: Int,
    owner: any AnyObject & Sendable
  ) {
    precondition(rows >= 0 && columns >= 0 && rowStride >= columns)
    unsafe self.base = base
    self.rows = rows
    self.columns = columns
    self.rowStride = rowStride
    self.owner = owner
  }

  /// A matrix over the elements of an array.
  ///
  /// - Precondition: `elements.count == rows * columns`.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(
      elements.count == rows * columns, "\(elements.count) elements are not \(rows) x \(columns)")
    let box = ElementsBox(elements)
    unsafe self.init(
      base: box.pointer, rows: rows, columns: columns, rowStride: columns, owner: box)
  }

  /// A matrix of elements that are written once.
  ///
  /// - Parameter fill: writes `[rows, columns]`, which are zeros before.
  package init(rows: Int, columns: Int, _ fill: (inout MutableSpan<Float>) -> Void) {
    let box = ElementsBox(count: rows * columns, fill)
    unsafe self.init(base: box.pointer, rows: rows, columns: columns, rowStride: columns, owner: box)
  }

  /// The value in a row and a column, each counted from 0.
  @inlinable public subscript(row: Int, column: Int) -> Float {
    precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
    precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
    return unsafe base[row * rowStride + column]
  }

  /// Passes all values to the closure: row `r` is the ``columns`` elements from `r * rowStride`.
  ///
  /// The memory must not be used after the closure has returned.
  @unsafe public func withUnsafeBufferPointer<R, E: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    let count = rows == 0 ? 0 : (rows - 1) * rowStride + columns
    defer { extendLifetime(owner) }
    return try unsafe body(UnsafeBufferPointer(start: base, count: count))
  }

  /// The values of a row.
  @_lifetime(borrow self) public func row(_ index: Int) -> Span<Float> {
    precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
    let row = unsafe Span(_unsafeStart: base + index * rowStride, count: columns)
    return unsafe _overrideLifetime(row, borrowing: self)
  }

  /// Passes row `index` to the closure.
  @inlinable package func withRow<R, E: Error>(
    _ index: Int, _ body: (Span<Float>) throws(E) -> R
  ) throws(E) -> R {
    precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
    return try body(unsafe Span(_unsafeStart: base + index * rowStride, count: columns))
  }

  /// Passes all elements, row by row, to the closure.
  ///
  /// - Precondition: there are no gaps between rows.
  @inlinable package func withElements<R, E: Error>(
    _ body: (Span<Float>) throws(E) -> R
  ) throws(E) -> R {
    precondition(rowStride == columns, "rows of \(columns) values, \(rowStride) apart")
    return try body(unsafe Span(_unsafeStart: base, count: rows * columns))
  }

  /// The same memory, with the rows `range` only.
  public func rows(_ range: Range<Int>) -> MatrixView {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return unsafe MatrixView(
      base: base + range.lowerBound * rowStride, rows: range.count, columns: columns,
      rowStride: rowStride, owner: owner)
  }
}

extension MatrixView: Hashable {
  /// Whether both have the same sides and equal values, as of arrays: zeros of either sign are equal, NaN equals
  /// nothing.
  public static func == (first: MatrixView, second: MatrixView) -> Bool {
    guard first.rows == second.rows, first.columns == second.columns else { return false }
    return (0..<first.rows).allSatisfy { row in
      first.withRow(row) { left in
        second.withRow(row) { right in left.indices.allSatisfy { left[$0] == right[$0] } }
      }
    }
  }

  /// Hashes the sides and the first row, which is cheap.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rows)
    hasher.combine(columns)
    guard rows > 0 else { return }
    withRow(0) { row in
      for column in row.indices { hasher.combine(row[column]) }
    }
  }
}

extension MatrixView {
  /// A copy of some rows, in the order given.
  package func gathered(_ rows: [Int]) -> MatrixView {
    let columns = columns
    return MatrixView(rows: rows.count, columns: columns) { elements in
      for (place, row) in rows.enumerated() {
        withRow(row) { values in
          for j in values.indices { elements[place * columns + j] = values[j] }
        }
      }
    }
  }

  /// Matrices of the same rows side by side; a copy if there are several.
  ///
  /// - Precondition: there is one, and all have as many rows.
  package static func joined(_ matrices: [MatrixView]) -> MatrixView {
    let first = matrices[0]
    guard matrices.count > 1 else { return first }
    precondition(matrices.allSatisfy { $0.rows == first.rows }, "matrices of different rows")
    let width = matrices.reduce(0) { $0 + $1.columns }
    return MatrixView(rows: first.rows, columns: width) { elements in
      var place = 0
      for row in 0..<first.rows {
        for matrix in matrices {
          matrix.withRow(row) { values in
            for j in values.indices { elements[place + j] = values[j] }
          }
          place += matrix.columns
        }
      }
    }
  }
}

/// Owns elements at a fixed address.
@safe private final class ElementsBox: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>

  init(_ elements: [Float]) {
    unsafe pointer = .allocate(capacity: max(elements.count, 1))
    unsafe elements.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe pointer.initialize(from: from, count: source.count)
    }
  }

  init(count: Int, _ fill: (inout MutableSpan<Float>) -> Void) {
    unsafe pointer = .allocate(capacity: max(count, 1))
    unsafe pointer.initialize(repeating: 0, count: count)
    var span = unsafe MutableSpan(_unsafeStart: pointer, count: count)
    fill(&span)
  }

  deinit { unsafe pointer.deallocate() }
}
