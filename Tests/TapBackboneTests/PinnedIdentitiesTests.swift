// The hashes of small graphs: the full text of each, and the fixed value.

import TapBackbone
import TapFormats
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite struct PinnedIdentitiesTests {
  @Test func structures() throws {
    for pinned in PinnedGraph.all {
      let found = try PinnedIdentities.pin(pinned.graph, size: PinnedGraph.size)
      #expect(found["graph"] == PinnedIdentities.hash(pinned.structure), "\(pinned.structure)")
    }
  }

  @Test func pins() throws {
    var pins: [String: PinnedIdentities.Pin] = [:]
    for pinned in PinnedGraph.all {
      let pin = try PinnedIdentities.pin(pinned.graph, size: PinnedGraph.size)
      #expect(pins.updateValue(pin, forKey: pinned.name) == nil, "\(pinned.name) is there twice")
    }
    PinnedIdentities.checkDistinct(pins)
    try PinnedIdentities.check("graphs", pins)
  }

  /// Networks that differ in one bound of a clamp, or in the epsilon of a layer normalization, have different hashes,
  /// however close the two numbers are.
  @Test func everyNumberCounts() throws {
    let bounds: [Float] = [-1, -0.0, 0, Float(0).nextUp, 1, Float(1).nextUp, 6, Float(6).nextDown, .infinity]
    var clamps: Set<String> = []
    for minimum in bounds {
      for maximum in bounds {
        let clamp = Graph([
          Graph.Node("y", Clamp(minimum: minimum, maximum: maximum), ["input"])
        ])
        clamps.insert(try PinnedIdentities.pin(clamp, size: 4)["identity"] ?? "")
      }
    }
    #expect(clamps.count == bounds.count * bounds.count)
    let epsilons = [1e-6, 1e-6.nextUp, 1e-6.nextDown, 1e-5, 0.001, 0]
    let layers = try epsilons.map { epsilon in
      let layer = LayerNormalization(gamma: [1, 1, 1], beta: [0, 0, 0], epsilon: epsilon)
      let graph = Graph([Graph.Node("y", layer, ["input"])])
      return try PinnedIdentities.pin(graph, size: 4)["identity"]
    }
    #expect(Set(layers).count == epsilons.count)
  }

  /// The text from which the weights' hash is computed.
  @Test func weightsAreHashedByNameShapeAndValues() throws {
    let (weights, bias) = (Networks.weights([2, 3, 1, 4], 1), Networks.values(2, 2))
    let scale: [Float] = [0.5, -1.5]
    var graph = Graph()
    graph.append(
      "conv", Convolution(weights: weights, bias: bias, padding: .symmetric(0)), "input")
    graph.append(
      "norm",
      BatchNormalization(scale: scale.map(Double.init), shift: bias.map(Double.init)),
      "conv")
    let text = """
      conv [2, 3, 1, 4] \(PinnedIdentities.hash(weights.elements))
      conv [2] \(PinnedIdentities.hash(bias))
      norm [2] \(PinnedIdentities.hash(scale))
      norm [2] \(PinnedIdentities.hash(bias))

      """
    #expect(try PinnedIdentities.pin(graph, size: 4)["weights"] == PinnedIdentities.hash(text))
  }

  /// A file can contain every operator, and the same network is read from it.
  @Test func documents() throws {
    let graph = PinnedGraph.document
    let (structure, tensors) = graph.document
    let read = try Graph(
      document: structure, tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    var pin = try PinnedIdentities.pin(read, size: PinnedGraph.size)
    #expect(try pin == PinnedIdentities.pin(graph, size: PinnedGraph.size))
    let list = tensors.map { name, tensor in
      let extents = tensor.shape.extents.map { String($0) }.joined(separator: " ")
      return "\(name) \(extents) \(PinnedIdentities.hash(tensor.elements))\n"
    }
    pin["document"] = PinnedIdentities.hash(structure.canonical)
    pin["tensors"] = PinnedIdentities.hash(list.joined())
    try PinnedIdentities.check("documents", ["every operator": pin])
  }

  /// Stores and models identify a convolution by its geometry when they name its algorithm.
  @Test func geometries() {
    func geometry(_ outputs: Int, _ convolution: Convolution) -> String {
      convolution.geometry(output: [outputs, 7, 9])
    }
    let weights = Networks.weights([4, 2, 3, 5], 1)
    #expect(geometry(4, Convolution(weights: weights, padding: .same)) == "3x5 2-4 at 7x9")
    #expect(
      geometry(4, Convolution(weights: weights, stride: 2, dilation: 3, padding: .same, groups: 2))
        == "3x5 4-4 at 7x9 stride 2x2 dilation 3x3 groups 2")
    let mixed = Convolution(
      weights: weights, bias: nil, vertical: WindowAxis(kernel: 3),
      horizontal: WindowAxis(kernel: 5, stride: 2, dilation: 4), groups: 1)
    #expect(geometry(4, mixed) == "3x5 2-4 at 7x9 stride 1x2 dilation 1x4")
  }
}
