// The hashes of every architecture with weights from a seed, and of architectures that are cut at a tap.

import TapArchitectures
import TapBackbone
import TapFormats
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite(.serialized) struct PinnedIdentitiesTests {
  /// The networks come one after the other, since VGG's weights alone take half a gigabyte.
  @Test func architectures() throws {
    var pins: [String: PinnedIdentities.Pin] = [:]
    for name in Architectures.names {
      pins[name] = PinnedIdentities.pin(try Architectures.seeded(name, seed: 0))
    }
    #expect(Set(KnownWeights.all.map(\.architecture)).subtracting(pins.keys) == ["onnx"])
    PinnedIdentities.checkDistinct(pins)
    try PinnedIdentities.check("architectures", pins)
  }

  /// A model file contains only a part of a network. This part keeps the hashes of the whole network.
  @Test(arguments: [("efficientnet_lite0", "blocks.4"), ("mobilenet_v3_small", "avgpool")])
  func cuts(name: String, tap: String) throws {
    let whole = try Architectures.seeded(name, seed: 0)
    let (structure, tensors) = try whole.cut(at: [tap])
    let read = try Backbone(
      name: name, preprocessing: whole.preprocessing, weightsHash: whole.weightsHash,
      graphHash: whole.graphHash, taps: [try whole.resolve(tap)], document: structure,
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    #expect(PinnedIdentities.pin(read) == PinnedIdentities.pin(whole))
    let list = tensors.map { name, tensor in
      let extents = tensor.shape.extents.map { String($0) }.joined(separator: " ")
      return "\(name) \(extents) \(PinnedIdentities.hash(tensor.elements))\n"
    }
    // The pin has the hashes of the whole network, and also the hashes of the part itself.
    let part = try PinnedIdentities.pin(read.graph, size: whole.preprocessing.size)
    let pin = PinnedIdentities.pin(read).merging(
      [
        "document": PinnedIdentities.hash(structure.canonical),
        "tensors": PinnedIdentities.hash(list.joined()),
        "graph of the part": part["graph"] ?? "", "weights of the part": part["weights"] ?? "",
      ]
    ) { $1 }
    try PinnedIdentities.check("cut \(name)", [tap: pin])
  }
}
