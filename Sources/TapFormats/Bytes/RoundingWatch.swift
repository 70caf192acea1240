/// Finds columns whose doubles float32 cannot distinguish, such as times in seconds since 1970 or large identifiers.
///
/// A column is reported if the root mean square of its rounding errors is more than a thousandth of its standard
/// deviation. A constant column is not reported.
package struct RoundingWatch: Sendable {
  private var shifts: [Double]
  private var sums: [Double]
  private var squares: [Double]
  private var errors: [Double]
  private var isStarted: [Bool]

  package init(columns: Int) {
    shifts = [Double](repeating: 0, count: columns)
    sums = shifts
    squares = shifts
    errors = shifts
    isStarted = [Bool](repeating: false, count: columns)
  }

  /// The number of watched columns.
  package var columnCount: Int { shifts.count }

  /// Adds a column's next value; a value that is not finite is skipped.
  package mutating func add(_ value: Double, column: Int) {
    guard value.isFinite else { return }
    if !isStarted[column] {
      isStarted[column] = true
      shifts[column] = value
    }
    let difference = value - shifts[column]
    sums[column] += difference
    squares[column] += difference * difference
    let error = value - Double(Float(value))
    errors[column] += error * error
  }

  /// Adds the zeros of a column that a sparse file leaves out. Call this function after all other values of the column
  /// have been added.
  package mutating func addZeros(_ count: Int, column: Int) {
    sums[column] -= Double(count) * shifts[column]
    squares[column] += Double(count) * shifts[column] * shifts[column]
  }

  /// - Parameter rows: the number of values of each column.
  package func columns(rows: Int) -> [Int] {
    errors.indices.filter { column in
      let spread = squares[column] - sums[column] * sums[column] / Double(max(rows, 1))
      return spread > 0 && spread.isFinite && errors[column] > 1e-6 * spread
    }
  }
}
