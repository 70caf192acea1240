// Rows of float32 features in an array or in a file that is mapped to memory. The trainers read the rows there and
// never copy the data.

/// A read-only row-major float32 matrix. It keeps its memory alive.
///
/// `X: [rows, columns]`; neighboring rows are `rowStride` elements apart.
@safe public struct MatrixView: @unchecked Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of values in a row.
  public let columns: Int
  /// The number of elements from the start of one row to the start of the next; at least ``columns``.
  public let rowStride: Int
  @usableFromInline package let base: UnsafePointer<Float>
  private let owner: any AnyObject & Sendable

  /// A matrix over memory that `owner` keeps alive and does not change.
  ///
  /// - Precondition: at least `(rows - 1) * rowStride + columns` elements can be read from `base`.
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

  /// A matrix whose elements a closure writes once.
  ///
  /// - Parameter fill: writes the elements `[rows, columns]`, which are zeros before the call.
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

  /// Passes all values to the closure. Row `r` has the ``columns`` elements that begin at index `r * rowStride`.
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

  /// A view of the rows `range` over the same memory.
  public func rows(_ range: Range<Int>) -> MatrixView {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    return unsafe MatrixView(
      base: base + range.lowerBound * rowStride, rows: range.count, columns: columns,
      rowStride: rowStride, owner: owner)
  }
}

extension MatrixView: Hashable {
  /// Whether both matrices have the same numbers of rows and columns and equal values. Values are compared as in
  /// arrays: 0 and -0 are equal, and NaN equals nothing.
  public static func == (first: MatrixView, second: MatrixView) -> Bool {
    guard first.rows == second.rows, first.columns == second.columns else { return false }
    return (0..<first.rows).allSatisfy { row in
      first.withRow(row) { left in
        second.withRow(row) { right in left.indices.allSatisfy { left[$0] == right[$0] } }
      }
    }
  }

  /// Hashes only the numbers of rows and columns and the first row, which is fast.
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
  /// A copy of the rows `rows`, in that order.
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

  /// Joins matrices with the same number of rows side by side. A single matrix is not copied.
  ///
  /// - Precondition: there is at least one matrix, and all matrices have the same number of rows.
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
