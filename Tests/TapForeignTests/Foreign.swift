// Calls of the C face with values of Swift. A test sees a status, or an error with the status and the text of the face.

import CTapForeign
import TapForeign
import TapFormats
import Testing

/// A call of the C face failed.
struct ForeignFailure: Error, Equatable, CustomStringConvertible {
  let status: Int32
  let text: String

  var description: String { "status \(status): \(text)" }
}

/// Runs a call and throws its error.
func checked(_ call: () throws -> Int32) throws {
  let status = try call()
  guard status != LAYERTAP_OK else {
    #expect(unsafe String(cString: layertap_error()) == "")
    return
  }
  throw ForeignFailure(status: status, text: unsafe String(cString: layertap_error()))
}

/// The failure of a call that must fail.
func failure(of call: () throws -> Int32, sourceLocation: SourceLocation = #_sourceLocation) throws -> ForeignFailure {
  do { try checked(call) } catch let failure as ForeignFailure {
    #expect(!failure.text.isEmpty, sourceLocation: sourceLocation)
    return failure
  }
  Issue.record("the call succeeded", sourceLocation: sourceLocation)
  return ForeignFailure(status: LAYERTAP_OK, text: "")
}

/// Passes the UTF-8 bytes of a text to a call.
@safe func withText<Result>(_ text: String, _ body: (UnsafePointer<CChar>?, Int) throws -> Result) rethrows -> Result {
  try withBytes(Array(text.utf8)) { try unsafe body($0, $1) }
}

/// Passes bytes as a text to a call.
@safe func withBytes<Result>(
  _ bytes: [UInt8], _ body: (UnsafePointer<CChar>?, Int) throws -> Result
) rethrows -> Result {
  let characters = bytes.map { CChar(bitPattern: $0) }
  return try unsafe characters.withUnsafeBufferPointer { try unsafe body($0.baseAddress, $0.count) }
}

/// A new handle that a call writes.
@safe func handle(_ call: (UnsafeMutablePointer<UInt64>) throws -> Int32) throws -> UInt64 {
  var handle: UInt64 = 0
  try checked { unsafe try call(&handle) }
  #expect(handle != 0)
  return handle
}

/// The texts that a call returns.
@safe func texts(_ call: (UnsafeMutablePointer<UInt64>) throws -> Int32) throws -> [String] {
  try texts(of: handle(call))
}

/// The texts of a handle, which is released.
func texts(of texts: UInt64) throws -> [String] {
  var count = 0
  try checked { unsafe layertap_texts_count(texts, &count) }
  let result = try (0..<count).map { index in
    var data: UnsafePointer<CChar>?
    var size = 0
    try checked { unsafe layertap_texts_get(texts, index, &data, &size) }
    let start = try unsafe #require(data)
    #expect(unsafe start[size] == 0)
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: size), as: UTF8.self)
  }
  try release(texts)
  return result
}

/// The JSON document that a call returns.
@safe func json(_ call: (UnsafeMutablePointer<UInt64>) throws -> Int32) throws -> JSONValue {
  let found = try texts(call)
  #expect(found.count == 1)
  return try JSONValue.parse(found[0])
}

/// Releases handles. A success leaves the text of the thread's last error as it is.
func release(_ handles: UInt64...) throws {
  for handle in handles {
    let status = layertap_release(handle)
    guard status == LAYERTAP_OK else {
      throw ForeignFailure(status: status, text: unsafe String(cString: layertap_error()))
    }
  }
}

/// A matrix of float32 rows, and what is known about the rows.
struct Rows {
  var columns: Int
  var values: [Float]
  var classes: [Int64]
  var classCount = 2
  var weights: [Double]?
  var groups: [Int64]?
  var folds: [Int64]?
  var splits: [Int32]?

  var count: Int { values.count / columns }

  /// Two overlapping classes of 40 rows with three columns, drawn from a seed.
  static func drawn(seed: UInt64 = 7, classCount: Int = 2, count: Int = 40) -> Rows {
    var state = seed
    func next() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    let classes = (0..<count).map { Int64($0 % classCount) }
    let values = classes.flatMap { label in
      [next() + 0.2 * Float(label), 2 * next() - 0.1 * Float(label), next()]
    }
    return Rows(columns: 3, values: values, classes: classes, classCount: classCount)
  }

  /// Passes the rows as adjacent float32 to a call.
  @safe func with<Result>(
    _ body: (UnsafePointer<layertap_matrix>, UnsafePointer<layertap_targets>) throws -> Result
  ) throws -> Result {
    try unsafe values.withUnsafeBufferPointer { values in
      var matrix = unsafe layertap_matrix(
        data: UnsafeRawPointer(values.baseAddress), rows: count, columns: columns,
        row_stride: Int64(4 * columns), column_stride: 4, type: LAYERTAP_FLOAT32)
      return try withTargets { targets in try unsafe body(&matrix, targets) }
    }
  }

  /// Passes what is known about the rows to a call.
  @safe func withTargets<Result>(
    rows: Int? = nil, _ body: (UnsafePointer<layertap_targets>) throws -> Result
  ) throws -> Result {
    try unsafe classes.withUnsafeBufferPointer { classes in
      try unsafe (weights ?? []).withUnsafeBufferPointer { weights in
        try unsafe (groups ?? []).withUnsafeBufferPointer { groups in
          try unsafe (folds ?? []).withUnsafeBufferPointer { folds in
            try unsafe (splits ?? []).withUnsafeBufferPointer { splits in
              var targets = unsafe layertap_targets(
                classes: classes.baseAddress, rows: rows ?? count, class_count: classCount, names: nil,
                weights: self.weights == nil ? nil : weights.baseAddress,
                groups: self.groups == nil ? nil : groups.baseAddress,
                folds: self.folds == nil ? nil : folds.baseAddress,
                splits: self.splits == nil ? nil : splits.baseAddress)
              return try unsafe body(&targets)
            }
          }
        }
      }
    }
  }

  /// A fitted model of the rows.
  func fit(_ settings: String = "") throws -> UInt64 {
    try with { matrix, targets in
      try handle { model in
        withText(settings) { unsafe layertap_fit(matrix, targets, $0, $1, nil, model) }
      }
    }
  }

  /// The failure of a fit of the rows.
  func fitFailure(_ settings: String = "") throws -> ForeignFailure {
    try with { matrix, targets in
      var model: UInt64 = 0
      return try failure { withText(settings) { unsafe layertap_fit(matrix, targets, $0, $1, nil, &model) } }
    }
  }
}

/// The weights and biases of a fitted model.
func weights(of model: UInt64, classes: Int, columns: Int) throws -> (weights: [Double], biases: [Double]) {
  var weights = [Double](repeating: 0, count: classes * columns)
  var biases = [Double](repeating: 0, count: classes)
  try checked { unsafe layertap_model_weights(model, &weights, weights.count, &biases, biases.count) }
  return (weights, biases)
}
