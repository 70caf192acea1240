// Finds the Gaussian error linear unit (GELU), x (1 + erf(x / √2)) / 2. Exporters to operator sets before 20 write this
// unit as five nodes.

import TapONNXOperators

/// The Gaussian error linear units of a graph.
struct GELUFusion {
  /// The input of each unit, keyed by the unit's output.
  private var inputs: [String: String] = [:]
  /// The values inside units; only nodes of the unit read such a value.
  private var inner: Set<String> = []

  /// The node to import in place of `node`. The last node of a unit becomes a single `Gelu` node, the other nodes of a
  /// unit become nil, and all other nodes stay unchanged.
  func replacement(_ node: ONNXNode) -> ONNXNode? {
    guard let output = node.outputs.first, !inner.contains(output) else {
      return node.outputs.isEmpty ? node : nil
    }
    guard let input = inputs[output] else { return node }
    return ONNXNode(name: node.name, operatorName: "Gelu", inputs: [input], outputs: [output])
  }

  init(_ graph: ONNXGraph) {
    guard graph.nodes.contains(where: { $0.operatorName == "Erf" }) else { return }
    let nodes = Nodes(graph)
    for node in graph.nodes where node.operatorName == "Erf" && node.domain.isEmpty {
      guard let unit = nodes.unit(around: node), inner.isDisjoint(with: unit.inner) else { continue }
      inputs[unit.output] = unit.input
      inner.formUnion(unit.inner)
    }
  }

  private struct Nodes {
    private var producers: [String: ONNXNode] = [:]
    private var readers: [String: [ONNXNode]] = [:]
    private let graph: ONNXGraph

    init(_ graph: ONNXGraph) {
      self.graph = graph
      for node in graph.nodes where node.domain.isEmpty {
        for output in node.outputs { producers[output] = node }
      }
      for node in graph.nodes { for name in node.inputs { readers[name, default: []].append(node) } }
    }

    /// The number that a constant holds.
    private func number(_ name: String) -> Double? {
      var value = graph.initializers[name]
      if value == nil, let node = producers[name] {
        switch node.operatorName {
        case "Constant":
          switch node.attributes["value"] ?? node.attributes["value_float"] {
          case .tensor(let tensor)?: value = tensor
          case .float(let float)?: return Double(float)
          default: return nil
          }
        case "Cast", "CastLike", "Identity": return node.inputs.first.flatMap(number)
        default: return nil
        }
      }
      guard let value, value.count == 1, let floats = try? value.floats() else { return nil }
      return Double(floats[0])
    }

    private func isAbout(_ name: String, _ expected: Double) -> Bool {
      number(name).map { abs($0 - expected) < 1e-6 } ?? false
    }

    /// The only node that reads the result of `node`; nil if several nodes read the result.
    private func reader(of node: ONNXNode) -> ONNXNode? {
      guard node.outputs.count == 1, let found = readers[node.outputs[0]], found.count == 1,
        !graph.outputs.contains(where: { $0.name == node.outputs[0] }), found[0].domain.isEmpty
      else { return nil }
      return found[0]
    }

    /// The factor of a product with a constant, and the other operand of the product.
    private func scaling(_ node: ONNXNode?) -> (input: String, factor: Double)? {
      guard let node, node.inputs.count == 2 else { return nil }
      switch node.operatorName {
      case "Mul":
        if let factor = number(node.inputs[1]) { return (node.inputs[0], factor) }
        return number(node.inputs[0]).map { (node.inputs[1], $0) }
      case "Div": return number(node.inputs[1]).map { (node.inputs[0], 1 / $0) }
      default: return nil
      }
    }

    func unit(around erf: ONNXNode) -> (input: String, output: String, inner: [String])? {
      guard erf.inputs.count == 1, let first = producers[erf.inputs[0]], reader(of: first) != nil,
        let (x, factor) = scaling(first), abs(factor - 0.5.squareRoot()) < 1e-6,
        let sum = reader(of: erf), sum.operatorName == "Add", sum.inputs.contains(where: { isAbout($0, 1) }),
        let product = reader(of: sum), product.operatorName == "Mul", product.inputs.count == 2,
        let other = product.inputs.first(where: { $0 != sum.outputs[0] })
      else { return nil }
      let inner = [first, erf, sum].map { $0.outputs[0] }
      if other == x {
        guard let last = reader(of: product), let (_, half) = scaling(last), half == 0.5 else { return nil }
        return (x, last.outputs[0], inner + [product.outputs[0]])
      }
      guard let halved = producers[other], reader(of: halved) != nil, let (input, half) = scaling(halved),
        input == x, half == 0.5
      else { return nil }
      return (x, product.outputs[0], inner + [halved.outputs[0]])
    }
  }
}
