// The operators. Each is a small function from a node's context to its results, in the file of its family.

/// Results in the order of the node's outputs; those beyond the last are not supported.
typealias OperatorBody = @Sendable (OperatorArguments) throws(OperatorError) -> [ONNXTensor]

struct OperatorTable {
  /// Operators of ONNX's own domain by name.
  private(set) var bodies: [String: OperatorBody] = [:]

  /// All operators.
  static let shared: OperatorTable = {
    var table = OperatorTable()
    addElementwise(to: &table)
    addActivations(to: &table)
    addWindows(to: &table)
    addNormalizations(to: &table)
    addProducts(to: &table)
    addReductions(to: &table)
    addShapes(to: &table)
    addSlicing(to: &table)
    addConstants(to: &table)
    addResizing(to: &table)
    return table
  }()

  mutating func add(_ name: String, _ body: @escaping OperatorBody) { bodies[name] = body }
}
