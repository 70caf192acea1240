// An outline describes a network's layers without its weights. An outline has the same names, shapes, parameters and
// costs as the network with its weights.

import TapArchitectures
import TapBackbone
import TapTensors
import Testing

@Suite(.serialized) struct NetworkOutlineTests {
  /// The networks come one after the other, since VGG's weights alone take half a gigabyte.
  @Test func everyArchitectureHasTheLayersOfItsNetwork() throws {
    for name in Architectures.names {
      let (outline, preprocessing) = try Architectures.outline(of: name)
      var tensors: [String: Tensor] = [:]
      for (parameter, shape) in try Architectures.parameters(of: name) {
        tensors[parameter] = Tensor(
          shape: shape, elements: [Float](repeating: 0.5, count: shape.elementCount))
      }
      let network = try Architectures.build(name, weights: StateDictionary(tensors))
      #expect(outline.table == network.table, "\(name)")
      #expect(try Architectures.layers(of: name) == network.table, "\(name)")
      #expect(preprocessing == network.preprocessing && network.layers.count > 5, "\(name)")
      // The number of parameters of a layer includes the parameters before the layer that no other layer includes. The
      // sum over all layers is the number of parameters in the file.
      let statistics = tensors.filter {
        $0.key.hasSuffix("running_mean") || $0.key.hasSuffix("running_var")
      }
      let trained = tensors.values.reduce(0) { $0 + $1.shape.elementCount }
      let kept = statistics.values.reduce(0) { $0 + $1.shape.elementCount }
      let counted = network.layers.reduce(0) { $0 + $1.parameters }
      // LayerTap turns a factor for each channel into an affine map, which also has an offset for each channel.
      let factors = tensors.filter { $0.key.hasSuffix("layer_scale") }
        .values.reduce(0) { $0 + $1.shape.elementCount }
      // The fixed shortcuts of networks for small images are not in their files.
      if !name.hasSuffix("_cifar10") { #expect(counted == trained - kept + factors, "\(name)") }
    }
  }

  @Test(arguments: [
    "tf_efficientnet_b1", "tf_mobilenetv3_large_100", "resnet20_cifar10", "densenet121", "convnext_tiny",
  ])
  func variantsAreThoseOfSeededNetworks(name: String) throws {
    let network = try Architectures.seeded(name, seed: 5)
    let outline = try Architectures.outline(of: name).outline
    #expect(outline.table == network.table)
    // Node outputs that the table of layers does not list can be tapped too.
    for node in network.graph.nodes {
      #expect(try outline.resolve(node.output) == network.resolve(node.output))
      #expect(
        try outline.columns(layers: [node.output], poolings: [.avg, .max])
          == network.columns(layers: [node.output], poolings: [.avg, .max]))
    }
    #expect(throws: BackboneError.self) { try outline.resolve("nowhere") }
    #expect(throws: ArchitectureError.self) { try Architectures.layers(of: "nowhere") }
  }

  @Test func aTableIsForTheImagesOfThePreprocessing() throws {
    var network = try Architectures.seeded("resnet20_cifar10", seed: 1)
    #expect(network.layerTable == network.table)
    network.preprocessing.size = 64
    let table = try #require(network.layerTable)
    #expect(table.inputSize == 64 && network.table.inputSize == 32)
    #expect(table.layers.map(\.name) == network.layers.map(\.name) && table.aliases == network.aliases)
    let (small, large) = (network.layers[0], table.layers[0])
    #expect(large.shape == [small.shape[0], 64, 64] && large.multiplyAdds == 4 * small.multiplyAdds)
    // A part of a network does not have all layers of the whole network.
    let (structure, tensors) = try network.cut(at: [small.name])
    let part = try Backbone(
      name: network.name, preprocessing: network.preprocessing, weightsHash: network.weightsHash,
      graphHash: network.graphHash, taps: [small.name], document: structure,
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    #expect(part.layerTable == nil)
  }

  @Test func aTableComesBackFromItsDocument() throws {
    for name in ["alexnet", "efficientnet_b0"] {
      let table = try Architectures.layers(of: name)
      #expect(try LayerTable(json: .object(table.fields)) == table)
    }
  }
}
