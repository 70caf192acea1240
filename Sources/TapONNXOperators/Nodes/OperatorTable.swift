// The table of operators. Each operator is a small function from a node's arguments to its results. The function is in
// the file of the operator's family.

/// A function that gives the results in the order of the node's outputs. If a node has more outputs than the function
/// gives results, the node is not supported.
typealias OperatorBody = @Sendable (OperatorArguments) throws(OperatorError) -> [ONNXTensor]

struct OperatorTable {
  /// The functions of ONNX's own operators, by name.
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
