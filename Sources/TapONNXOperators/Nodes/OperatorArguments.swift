// The arguments of an operator: its inputs, its attributes and the version of the operator set. Attributes are read by
// name and type. An absent attribute has the default of the specification.

import TapTensors

struct OperatorArguments {
  let node: ONNXOperator
  let inputs: [ONNXTensor?]

  /// The version of the operator set that defines the operator.
  var opset: Int { node.opset }

  /// A required input; throws if the input is left out.
  func input(_ index: Int) throws(OperatorError) -> ONNXTensor {
    guard let value = optional(index) else { throw .missing("input \(index)") }
    return value
  }

  /// An optional input; nil if the input is left out.
  func optional(_ index: Int) -> ONNXTensor? { index < inputs.count ? inputs[index] : nil }

  /// All inputs; throws if one of them is left out.
  func allInputs() throws(OperatorError) -> [ONNXTensor] {
    var values: [ONNXTensor] = []
    for index in inputs.indices { values.append(try input(index)) }
    return values
  }

  /// The integers of an input that is a vector or a scalar; nil if the input is left out.
  func integers(input index: Int, _ name: String) throws(OperatorError) -> [Int64]? {
    guard let value = optional(index) else { return nil }
    guard value.rank <= 1 else { throw .wrongRank(of: name, expected: "at most 1", shape: value.shape) }
    return try value.integers(name)
  }

  /// The integers of an input as `Int`s; nil if the input is left out.
  func indices(input index: Int, _ name: String) throws(OperatorError) -> [Int]? {
    try integers(input: index, name)?.map { Int($0) }
  }

  /// The integers of an input that was an attribute in earlier operator sets. The result is nil if the node has neither
  /// the input nor the attribute.
  func integers(input index: Int, orAttribute name: String) throws(OperatorError) -> [Int]? {
    if let values = try indices(input: index, name) { return values }
    return try integers(name)
  }

  /// The integer of an input with one element; nil if the input is left out.
  func scalar(input index: Int, _ name: String) throws(OperatorError) -> Int64? {
    guard let value = optional(index) else { return nil }
    guard value.count == 1 else { throw .wrongShape(of: name, expected: "a scalar's", found: value.shape) }
    return try value.integers(name)[0]
  }

  func integer(_ name: String, default value: Int = 0) throws(OperatorError) -> Int {
    switch node.attributes[name] {
    case nil: return value
    case .integer(let value): return Int(value)
    case .some(let other): throw wrong(name, "an integer", other)
    }
  }

  func flag(_ name: String, default value: Bool = false) throws(OperatorError) -> Bool {
    try integer(name, default: value ? 1 : 0) != 0
  }

  func float(_ name: String, default value: Float) throws(OperatorError) -> Float {
    switch node.attributes[name] {
    case nil: return value
    case .float(let value): return value
    case .some(let other): throw wrong(name, "a float", other)
    }
  }

  func text(_ name: String, default value: String) throws(OperatorError) -> String {
    switch node.attributes[name] {
    case nil: return value
    case .text(let value): return value
    case .some(let other): throw wrong(name, "a text", other)
    }
  }

  /// The case of an enumeration that a text attribute names.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default value: Choice
  ) throws(OperatorError) -> Choice {
    let text = try text(name, default: value.rawValue)
    guard let choice = Choice(rawValue: text) else {
      throw .wrongValue(
        of: name, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "), found: "\"\(text)\"")
    }
    return choice
  }

  func integers(_ name: String) throws(OperatorError) -> [Int]? {
    switch node.attributes[name] {
    case nil: return nil
    case .integers(let values): return values.map { Int($0) }
    case .some(let other): throw wrong(name, "integers", other)
    }
  }

  func floats(_ name: String) throws(OperatorError) -> [Float]? {
    switch node.attributes[name] {
    case nil: return nil
    case .floats(let values): return values
    case .some(let other): throw wrong(name, "floats", other)
    }
  }

  func tensor(_ name: String) throws(OperatorError) -> ONNXTensor? {
    switch node.attributes[name] {
    case nil: return nil
    case .tensor(let value): return value
    case .some(let other): throw wrong(name, "a tensor", other)
    }
  }

  /// The two operands of a function that broadcasts. Before opset 7, an attribute gives the position of the second
  /// operand's axes.
  func operands() throws(OperatorError) -> (ONNXTensor, ONNXTensor) {
    let (a, b) = (try input(0), try input(1))
    guard opset < 7, try flag("broadcast"), a.rank > b.rank, node.attributes["axis"] != nil else {
      return (a, b)
    }
    let axis = try a.shape.axis(try integer("axis"))
    let missing = a.rank - axis - b.rank
    guard missing >= 0 else {
      throw .wrongRank(of: "input 1", expected: "at most \(a.rank - axis)", shape: b.shape)
    }
    return (a, try ONNXShapes.unsqueeze(b, axes: Array(b.rank..<b.rank + missing)))
  }

  private func wrong(_ name: String, _ expected: String, _ found: ONNXAttribute) -> OperatorError {
    if case .unsupported(let what) = found { return .unsupported("the attribute \(name), \(what),") }
    return .wrongValue(of: name, expected: expected, found: found.description)
  }
}
