// Reads text files of sparse rows in the format of SVMlight and LIBSVM (Joachims, "Making large-scale SVM learning
// practical", 1999). A line is
//
//     label [qid:group] [cost:weight] index:value index:value … # comment
//
// The indices ascend, and values that are not named are 0. The result has all values, including those that are 0.

/// The reason why a file does not have rows in SVMlight's format, or is too large.
package enum SVMLightError: Error, Equatable, CustomStringConvertible {
  case noLabel(line: Int)
  case notUTF8(line: Int)
  case zeroByte(line: Int)
  case tooLong(line: Int, limit: Int)
  case severalLabels(line: Int, text: String)
  case fractionalLabel(line: Int, text: String)
  case notAPair(line: Int, text: String)
  case notANumber(line: Int, text: String)
  case weight(line: Int, text: String)
  case indexOrder(line: Int, index: Int, previous: Int)
  case tooManyValues(rows: Int, columns: Int, limit: Int)
  case moreColumns(line: Int, index: Int, columns: Int, base: Int)
  case indexBelowBase(line: Int)
  case uncertainBase(columns: Int)

  package var description: String {
    switch self {
    case .noLabel(let line): "line \(line): expected a label before the features"
    case .notUTF8(let line): "line \(line): the text is not valid UTF-8"
    case .zeroByte(let line): "line \(line): it holds a zero byte, which no text does: is it the right file?"
    case .tooLong(let line, let limit):
      "line \(line): something in it is longer than \(limit) bytes: is it the right file?"
    case .severalLabels(let line, let text):
      "line \(line): '\(text)' are several labels; a row has one"
    case .fractionalLabel(let line, let text):
      "line \(line): the label is \(text); expected a whole number or a name: a classifier needs classes"
    case .notAPair(let line, let text): "line \(line): '\(text)' is not index:value"
    case .notANumber(let line, let text): "line \(line): the value of '\(text)' is not a number"
    case .weight(let line, let text):
      "line \(line): the weight in '\(text)' is not a finite number of at least 0"
    case .indexOrder(let line, let index, let previous):
      "line \(line): index \(index) comes after \(previous); indices must ascend"
    case .tooManyValues(let rows, let columns, let limit):
      "\(rows) rows of \(columns) columns are held densely, and that is more than \(limit) values: keep fewer columns "
        + "(hash or select them), or use a trainer for sparse data"
    case .moreColumns(let line, let index, let columns, let base):
      "line \(line): index \(index) is beyond the \(columns) features that the model knows"
        + (base == 0 ? ", counted from 0: if this file counts them from 1, say --index-base 1" : "")
    case .indexBelowBase(let line):
      "line \(line): the index is 0, and columns are counted from 1: if this file counts them from 0, say --index-base 0"
    case .uncertainBase(let columns):
      "no index is 0 and none is \(columns), so its columns may be counted from 0 or from 1, and the model does not say from "
        + "which: say --index-base 0 or --index-base 1"
    }
  }
}

package enum SVMLight {
  /// The rows of a file, with all values stored.
  package struct Rows: Hashable, Sendable {
    package let columns: Int
    /// The index of the first column, 0 or 1.
    package let indexBase: Int
    /// Whether ``indexBase`` is a guess. The base is guessed if the caller did not give it and the indices do not show
    /// it. A guess is always 1 and may be wrong.
    package let isBaseGuessed: Bool
    /// The values in row-major order, of shape `[labels.count, columns]`.
    package let elements: [Float]
    /// The labels. Whole numbers are written without sign and point if possible: `+1` and `1.0` become `1`.
    package let labels: [String]
    /// The values of `qid:`; nil in rows without a `qid:`.
    package let groups: [String?]
    /// The values of `cost:`, which are the training weights of the rows; nil in rows without a `cost:`.
    package let weights: [Double?]
    /// The indices, from 0, of the columns whose values float32 cannot distinguish; see ``RoundingWatch``. If the file
    /// has few rows and very many columns, no column is checked.
    package let roundedColumns: [Int]
  }

  /// The largest number of values, 8 GiB of float32.
  package static let valueLimit = 1 << 31

  /// The largest number of bytes in a line. A longer line cannot be a row of numbers, so the reader does not search the
  /// end of the line.
  private static let longestLine = 1 << 30
  private static let longestWord = 1 << 16

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - columns: the number of columns. If nil, the largest index that occurs determines this number.
  ///   - base: the index of the first column. If nil, the base is 0 if an index 0 occurs, otherwise 1, as in
  ///     scikit-learn. If `columns` is given and the file does not show the base, the file is refused, since a wrong
  ///     guess would shift features.
  /// - Throws: ``SVMLightError``; the size is checked before memory is allocated.
  package static func read(
    _ bytes: Span<UInt8>, columns: Int? = nil, base: Int? = nil, valueLimit: Int = Self.valueLimit
  ) throws(SVMLightError) -> Rows {
    var scan = Scan()
    while try scan.next(bytes, { _, _, _, _ in }) {}
    let first = base ?? (scan.smallest == 0 ? 0 : 1)
    if scan.smallest < first { throw .indexBelowBase(line: scan.smallestLine) }
    let found = max(0, scan.largest + 1 - first)
    if let columns, found > columns {
      throw .moreColumns(line: scan.largestLine, index: scan.largest, columns: columns, base: first)
    }
    // A file without indices needs no base. If the largest index equals the number of columns, the base is certainly 1.
    let isGuessed = base == nil && first == 1 && scan.largest >= 0 && scan.largest != columns
    if let columns, isGuessed { throw .uncertainBase(columns: columns) }
    let width = columns ?? found
    let (count, overflow) = scan.labels.count.multipliedReportingOverflow(by: width)
    guard !overflow, count <= valueLimit else {
      throw .tooManyValues(rows: scan.labels.count, columns: width, limit: valueLimit)
    }
    var elements = [Float](repeating: 0, count: count)
    // With more than 2^20 columns, the watch must take less memory than the elements.
    var watch = RoundingWatch(columns: width <= max(1 << 20, count / 16) ? width : 0)
    var zeros = [Int](repeating: scan.labels.count, count: watch.columnCount)
    var fill = Scan()
    while try fill.next(
      bytes,
      { (line, row, index, token) throws(SVMLightError) in
        guard let value = DecimalText.double(bytes, token.value) else {
          throw .notANumber(line: line, text: text(bytes, token.whole))
        }
        let column = index - first
        elements[row * width + column] = Float(value)
        guard column < zeros.count else { return }
        watch.add(value, column: column)
        zeros[column] -= 1
      })
    {}
    for (column, count) in zeros.enumerated() { watch.addZeros(count, column: column) }
    return Rows(
      columns: width, indexBase: first, isBaseGuessed: isGuessed, elements: elements, labels: scan.labels,
      groups: scan.groups,
      weights: scan.weights, roundedColumns: watch.columns(rows: scan.labels.count))
  }

  /// The range of an index:value pair in the file.
  private struct Token {
    let whole: Range<Int>
    let value: Range<Int>
  }

  /// The state of a reader that goes through the lines.
  private struct Scan {
    var offset = 0
    var line = 0
    var labels: [String] = []
    var groups: [String?] = []
    var weights: [Double?] = []
    var smallest = Int.max
    var smallestLine = 0
    var largest = -1
    var largestLine = 0

    /// Reads one line; the result is false at the end of the file.
    mutating func next(
      _ bytes: Span<UInt8>, _ body: (Int, Int, Int, Token) throws(SVMLightError) -> Void
    ) throws(SVMLightError) -> Bool {
      guard offset < bytes.count else { return false }
      line += 1
      var end = offset
      while end < bytes.count, bytes[end] != 0x0A {
        if bytes[end] == 0 { throw .zeroByte(line: line) }
        guard end - offset < SVMLight.longestLine else {
          throw .tooLong(line: line, limit: SVMLight.longestLine)
        }
        end += 1
      }
      var stop = offset
      while stop < end, bytes[stop] != UInt8(ascii: "#") { stop += 1 }
      var place = offset
      offset = end + 1
      guard let label = token(bytes, &place, stop) else { return true }
      try checkLength(label)
      try add(validText(bytes, label))
      let row = labels.count - 1
      var previous = -1
      while let pair = token(bytes, &place, stop) {
        try checkLength(pair)
        var colon = pair.lowerBound
        while colon < pair.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let key = text(bytes, pair.lowerBound..<colon)
        guard colon < pair.upperBound else { throw .notAPair(line: line, text: text(bytes, pair)) }
        let value = colon + 1..<pair.upperBound
        if key == "qid", previous < 0 {
          groups[row] = try validText(bytes, value)
          continue
        }
        if key == "cost", previous < 0 {
          guard let weight = DecimalText.double(bytes, value), weight.isFinite, weight >= 0 else {
            throw .weight(line: line, text: text(bytes, pair))
          }
          weights[row] = weight
          continue
        }
        guard let index = Int(key), index >= 0, index < 1 << 40 else {
          throw .notAPair(line: line, text: text(bytes, pair))
        }
        guard index > previous else { throw .indexOrder(line: line, index: index, previous: previous) }
        previous = index
        if index < smallest { (smallest, smallestLine) = (index, line) }
        if index > largest { (largest, largestLine) = (index, line) }
        try body(line, row, index, Token(whole: pair, value: value))
      }
      return true
    }

    private func checkLength(_ token: Range<Int>) throws(SVMLightError) {
      if token.count > SVMLight.longestWord { throw .tooLong(line: line, limit: SVMLight.longestWord) }
    }

    private mutating func add(_ label: String) throws(SVMLightError) {
      guard !label.contains(":") else { throw .noLabel(line: line) }
      guard !label.contains(",") else { throw .severalLabels(line: line, text: label) }
      groups.append(nil)
      weights.append(nil)
      guard let number = Double(label) else {
        labels.append(label)
        return
      }
      guard let whole = Int(exactly: number) else { throw .fractionalLabel(line: line, text: label) }
      labels.append(String(whole))
    }

    /// Bytes that are not UTF-8 are refused, since replacement characters would make different names equal.
    private func validText(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(SVMLightError) -> String {
      let word = bytes.values(UInt8.self, at: range.lowerBound, count: range.count)
      guard let text = String(validating: word, as: UTF8.self) else { throw .notUTF8(line: line) }
      return text
    }

    /// The range of the next word before `stop`.
    private func token(_ bytes: Span<UInt8>, _ place: inout Int, _ stop: Int) -> Range<Int>? {
      while place < stop, isSpace(bytes[place]) { place += 1 }
      guard place < stop else { return nil }
      let start = place
      while place < stop, !isSpace(bytes[place]) { place += 1 }
      return start..<place
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
  }

  private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: bytes.values(UInt8.self, at: range.lowerBound, count: range.count), as: UTF8.self)
  }
}
