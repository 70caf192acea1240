// The facts about a network that do not depend on the elements of its weights: its values, their shapes and their
// costs.

import TapProvenance
import TapTensors

/// The nodes of a file's network from the first unsupported node on.
package struct AbsentLayers: Sendable {
  /// For each value of these nodes, by name, the reason why the value cannot be computed.
  package var reasons: [String: String] = [:]
  /// The number of these nodes, and the reason why the first of them cannot be computed.
  package var count = 0
  package var firstReason: String?

  package init() {}
}

/// A network's layers and the shapes of all its values, for images of one size.
package struct NetworkOutline: Sendable {
  package let table: LayerTable
  /// The layers of the file's network that cannot be computed.
  package var absent = AbsentLayers()
  /// The shapes of all values that the network computes.
  private let shapes: [String: Shape]

  /// - Parameters:
  ///   - graph: the network; the elements of its weights are not read.
  ///   - taps: names of values of `graph` and their kinds, in order of depth.
  ///   - aliases: other names for taps.
  ///   - size: the side of the image in pixels.
  /// - Throws: ``BackboneError/operandMismatch`` when the graph's weights do not fit together.
  package init(
    name: String, graph: Graph, taps: [(name: String, kind: String)], aliases: [String: String], size: Int
  ) throws(BackboneError) {
    shapes = try graph.shapes(input: [3, size, size])
    let fields = graph.receptiveFields(shapes: shapes)
    var cost = GraphCost(graph, shapes: shapes)
    var layers: [Layer] = []
    for tap in taps {
      guard let shape = shapes[tap.name] else { preconditionFailure("no value \(tap.name) to tap") }
      let (parameters, multiplyAdds) = cost.next(tap.name)
      layers.append(
        Layer(
          name: tap.name, kind: tap.kind, shape: shape.extents,
          stride: fields[tap.name]?.step ?? (shape.rank == 3 ? size / max(shape[1], 1) : size),
          receptiveField: fields[tap.name]?.side, parameters: parameters, multiplyAdds: multiplyAdds))
    }
    table = LayerTable(backbone: name, inputSize: size, layers: layers, aliases: aliases)
  }

  /// Whether the network computes a value of this name; the value need not be a layer.
  private func computes(_ name: String) -> Bool { shapes[name] != nil }

  /// Whether a value has no positions to pool over: its rank is not 3, and at most one of its axes is longer than 1.
  private func isVector(_ name: String) -> Bool {
    let extents = shapes[name]?.extents ?? []
    return extents.count != 3 && extents.count { $0 > 1 } <= 1
  }

  /// The shape of a value that is neither a vector nor an image of channels, height and width. Tokens have such a
  /// shape.
  private func shapeWithoutImage(_ name: String) -> Shape? {
    guard let shape = shapes[name], shape.rank != 3, !isVector(name) else { return nil }
    return shape
  }

  /// See ``Backbone/resolve(_:)``.
  package func resolve(_ layer: String) throws(BackboneError) -> String {
    let canonical = table.aliases[layer] ?? layer
    guard computes(canonical) else {
      if let reason = absent.reasons[layer] { throw .notComputed(layer, reason: reason) }
      throw .unknownLayer(
        layer, backbone: table.backbone,
        known: table.layers.map(\.name) + table.aliases.keys.sorted())
    }
    return canonical
  }

  /// See ``Backbone/columns(layers:poolings:)``.
  package func columns(layers names: [String], poolings: [Pooling]) throws(BackboneError) -> [Column] {
    for case .gem(let p, let epsilon) in poolings where p != 3 || epsilon <= 0 {
      throw .poolingNeedsParameters("p = \(p), epsilon = \(epsilon)")
    }
    var columns: [Column] = []
    for name in names.flatMap({ $0 == "all" ? table.layers.map(\.name) : [$0] }) {
      let tap = try resolve(name)
      let shape = shapeWithoutImage(tap)
      for pooling in isVector(tap) ? [.none] : poolings {
        if let shape, pooling != .flatten, pooling != .none {
          throw .noPositions(name, shape: shape, pooling: pooling)
        }
        let column = Column(tap: tap, pooling: shape == nil ? pooling : .none)
        if !columns.contains(column) { columns.append(column) }
      }
    }
    guard !columns.isEmpty else { throw .nothingToTap(backbone: table.backbone) }
    return columns
  }
}

/// The costs of a graph's values, which are computed one value after the other.
private struct GraphCost {
  private let places: [String: Int]
  private let inputs: [[Int]]
  private let parameters: [Int]
  private let multiplyAdds: [Int]
  private var isCounted: [Bool]

  init(_ graph: Graph, shapes: [String: Shape]) {
    let nodes = graph.nodes
    let places = Dictionary(
      nodes.enumerated().map { ($1.output, $0) }, uniquingKeysWith: { first, _ in first })
    self.places = places
    inputs = nodes.map { $0.inputs.compactMap { places[$0] } }
    parameters = nodes.map(\.operation.parameterCount)
    multiplyAdds = nodes.map { $0.operation.multiplyAdds(output: shapes[$0.output] ?? []) }
    isCounted = [Bool](repeating: false, count: nodes.count)
  }

  /// The number of trained values and of multiply-adds of one value. Trained values are counted in the nodes that this
  /// value needs and no earlier value needed, so that each parallel branch counts its own. Multiply-adds are counted in
  /// all nodes that this value needs.
  mutating func next(_ name: String) -> (parameters: Int, multiplyAdds: Int) {
    var isNeeded = [Bool](repeating: false, count: inputs.count)
    var sums = (parameters: 0, multiplyAdds: 0)
    var pending = [places[name]].compactMap(\.self)
    for place in pending { isNeeded[place] = true }
    while let place = pending.popLast() {
      sums.multiplyAdds += multiplyAdds[place]
      if !isCounted[place] { sums.parameters += parameters[place] }
      isCounted[place] = true
      for input in inputs[place] where !isNeeded[input] {
        isNeeded[input] = true
        pending.append(input)
      }
    }
    return sums
  }
}
