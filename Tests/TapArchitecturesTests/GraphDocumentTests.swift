// A graph with operators of any kind is the same after its document was written and read.

import TapArchitectures
import TapBackbone
import TapFormats
import TapProvenance
import Testing

@Suite struct GraphDocumentTests {
  @Test(arguments: [
    "alexnet", "resnext50_32x4d", "squeezenet1_0", "mobilenet_v3_small", "densenet121", "efficientnet_b0",
    "convnext_tiny", "efficientnet_lite0",
  ])
  func documentsComeBack(name: String) throws {
    let backbone = try Architectures.seeded(name, seed: 3)
    let (structure, tensors) = backbone.graph.document
    let text = structure.canonical
    let read = try Graph(
      document: try JSONValue.parse(text),
      tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
    #expect(read.document.structure.canonical == text)
    // The hashes depend on every attribute and every weight.
    let taps = backbone.layers.map { (name: $0.name, kind: $0.kind) }
    let again = try Backbone(
      name: name, preprocessing: backbone.preprocessing, graph: read, taps: taps, aliases: backbone.aliases)
    #expect(again.graphHash == backbone.graphHash && again.weightsHash == backbone.weightsHash)
    #expect(again.layers == backbone.layers)
  }
}
