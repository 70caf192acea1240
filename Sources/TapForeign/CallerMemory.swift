// The caller's memory for results.

import CTapForeign
import LayerTap

/// Memory for a known number of values; nothing if the caller does not want the values.
@safe struct CallerMemory<Element: BitwiseCopyable>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Element>?

  init(_ base: UnsafeMutablePointer<Element>?) { unsafe self.base = unsafe base }

  /// Memory that the caller must give.
  ///
  /// - Throws: ``ForeignError``.
  init(_ base: UnsafeMutablePointer<Element>?, count: Int, expected: Int, _ name: String) throws {
    guard unsafe base != nil else { throw ForeignError.null(name) }
    guard count == expected else {
      throw ForeignError.argument(
        name, problem: "memory for \(UInt(bitPattern: count)) values; \(expected) are written")
    }
    unsafe self.init(base)
  }

  /// Whether the caller wants the values.
  var isWanted: Bool { unsafe base != nil }

  /// Writes values from an index on.
  func write(_ values: some Sequence<Element>, at start: Int = 0) {
    guard let base = unsafe base else { return }
    var index = start
    for value in values {
      unsafe base[index] = value
      index += 1
    }
  }
}

/// The caller's memory for features, one matrix for each column.
@safe struct CallerRows: @unchecked Sendable {
  @safe private struct Column {
    let data: UnsafeMutableRawPointer?
    let stride: Int
    let count: Int
  }

  private let columns: [Column]

  /// - Throws: ``ForeignError``.
  init(
    _ outputs: UnsafePointer<layertap_output>?, _ count: Int, rows: Int, dimensions: [Int]
  ) throws {
    guard let outputs = unsafe outputs else { throw ForeignError.null("outputs") }
    guard count == dimensions.count else {
      throw ForeignError.argument(
        "outputs", problem: "\(UInt(bitPattern: count)) outputs; the extractor has \(dimensions.count) columns")
    }
    columns = try dimensions.enumerated().map { index, dimension in
      let output = unsafe outputs[index]
      let name = "output \(index)"
      guard unsafe output.data != nil || rows == 0 else { throw ForeignError.null("\(name), data") }
      guard unsafe output.rows == rows, unsafe output.columns == dimension else {
        throw unsafe ForeignError.argument(
          name,
          problem: "memory for \(UInt(bitPattern: output.rows)) x \(UInt(bitPattern: output.columns)) values; "
            + "\(rows) x \(dimension) are written")
      }
      let packed = dimension * MemoryLayout<Float>.size
      let stride = unsafe output.row_stride == 0 ? packed : Int(output.row_stride)
      let (extent, overflows) = stride.multipliedReportingOverflow(by: rows)
      guard stride >= packed, stride % MemoryLayout<Float>.size == 0, !overflows, extent < 1 << 47,
        unsafe Int(bitPattern: output.data) % MemoryLayout<Float>.alignment == 0
      else {
        throw ForeignError.argument(
          name,
          problem: "rows of \(packed) bytes have a stride of \(stride) bytes; the stride must be a multiple of 4, at "
            + "least the row's size, and the memory must be aligned for float")
      }
      return unsafe Column(data: UnsafeMutableRawPointer(output.data), stride: stride, count: dimension)
    }
  }

  /// Writes a row: the values of all columns, one column after the other; NaN with nil.
  func write(_ values: [Float]?, row: Int) {
    var start = 0
    for column in columns {
      guard let data = unsafe column.data else { return }
      let place = unsafe (data + row * column.stride).assumingMemoryBound(to: Float.self)
      for index in 0..<column.count { unsafe place[index] = values?[start + index] ?? .nan }
      start += column.count
    }
  }
}

/// The errors of images, in the caller's memory and as texts.
struct ImageErrors {
  private let statuses: CallerMemory<Int32>
  private let texts: HandleResult?

  /// - Throws: ``ForeignError/argument(_:problem:)`` for statuses without texts.
  init(_ statuses: UnsafeMutablePointer<Int32>?, _ texts: UnsafeMutablePointer<UInt64>?) throws {
    if unsafe statuses != nil, unsafe texts == nil {
      throw ForeignError.argument("statuses", problem: "statuses need errors, which the call takes in its last pointer")
    }
    unsafe self.statuses = CallerMemory(statuses)
    self.texts = unsafe texts == nil ? nil : try unsafe HandleResult(texts, "errors")
  }

  /// Whether an image that cannot be read is reported, and does not end the call.
  var areKept: Bool { texts != nil }

  /// Writes the errors of `count` images.
  func set(_ errors: [Int: (status: Int32, text: String)], count: Int) {
    guard let texts else { return }
    statuses.write((0..<count).lazy.map { errors[$0]?.status ?? LAYERTAP_OK })
    texts.set(Texts((0..<count).map { errors[$0]?.text ?? "" }))
  }
}
