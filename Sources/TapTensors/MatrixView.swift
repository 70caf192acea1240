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
