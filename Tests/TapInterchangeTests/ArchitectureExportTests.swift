import TapArchitectures
import TapBackbone
import TapFileSystem
import TapInterchange
import TapProvenance
import TestSupport
import Testing

@Suite(.serialized) struct ArchitectureExportTests {
  static let bar: Float = 2e-5

  /// Every family, with its own kinds of blocks: the scores and a layer in the middle.
  @Test(arguments: [
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_lite0", "mobilenet_v2",
    "mobilenet_v3_small", "resnet18", "resnext50_32x4d", "squeezenet1_1", "vgg11_bn",
  ]) func theFileComputesTheNetwork(_ name: String) throws {
    var backbone = try Architectures.seeded(name, seed: 7)
    // Small images, and for the poolings to fixed regions a size that the regions do not divide.
    backbone.preprocessing.size = 72
    let middle = backbone.layers[backbone.layers.count / 2].name
    let columns = try backbone.columns(layers: [middle, "logits"], poolings: [.avg])
    let file = try ExportedFile(try ONNXExport(backbone, columns: columns))
    let image = ReferenceParameters.image(size: 72)
    let outputs = try file.outputs(image, size: 72)
    for column in columns {
      let expected = try backbone.row([column], image)
      let found = try #require(outputs["features:" + column.name])
      let error = normalizedError(found, expected)
      #expect(error <= Self.bar, "\(name), \(column.name): \(error)")
      #expect(expected.contains { abs($0) > 1e-6 }, "\(name), \(column.name)")
    }
    // The importer keeps the parts of composed activations and unfolded normalizations apart, so these round in other
    // places.
    let isComposed = ["densenet121", "efficientnet_b0"].contains(name)
    #expect(file.readBack.featureDifference <= (isComposed ? 2e-6 : 1e-6), "\(name): \(file.readBack)")
  }

  /// Folding is the plan's, so networks without composed activations keep every bit.
  @Test(arguments: ["efficientnet_lite0", "mobilenet_v2", "resnet18", "vgg11_bn"])
  func theImporterGetsTheSameBits(_ name: String) throws {
    var backbone = try Architectures.seeded(name, seed: 7)
    backbone.preprocessing.size = 72
    // After its last pooling VGG divides the image into regions, which are products with matrices at this size.
    let layer = name == "vgg11_bn" ? "pool5" : "penultimate"
    let columns = try backbone.columns(layers: [layer], poolings: [.avg])
    let file = try ExportedFile(try ONNXExport(backbone, columns: columns))
    #expect(file.readBack.hasSameBits && file.readBack.scoreDifference == nil, "\(file.readBack)")
  }

  @Test func aBatchHasTheRowsOfItsImages() throws {
    var backbone = try Architectures.seeded("mobilenet_v3_small", seed: 7)
    backbone.preprocessing.size = 32
    let columns = try backbone.columns(layers: ["features.3", "logits"], poolings: [.avg])
    let export = try ONNXExport(backbone, columns: columns)
    #expect(export.takesBatches)
    let file = try ExportedFile(export)
    let image = ReferenceParameters.image(size: 32)
    let both = try file.outputs(image + image.map { -$0 }, size: 32)
    for name in export.outputNames {
      let rows = try #require(both[name])
      let (first, second) = (
        try file.outputs(image, size: 32)[name], try file.outputs(image.map { -$0 }, size: 32)[name]
      )
      #expect(rows == (first ?? []) + (second ?? []) && first != second, "\(name)")
    }
  }

  /// All poolings, and taps inside of groups that a plan fuses.
  @Test func everyPoolingIsInTheFile() throws {
    var backbone = try Architectures.seeded("resnet18", seed: 7)
    backbone.preprocessing.size = 40
    let names = ["input", "conv1", "bn1", "layer2.0.conv2", "layer2.0"].filter { (try? backbone.resolve($0)) != nil }
    #expect(names.count >= 4, "\(names)")
    let columns = try backbone.columns(layers: names, poolings: Pooling.selectable)
    let file = try ExportedFile(try ONNXExport(backbone, columns: columns))
    let image = ReferenceParameters.image(size: 40)
    let outputs = try file.outputs(image, size: 40)
    for column in columns {
      let found = try #require(outputs["features:" + column.name])
      let error = normalizedError(found, try backbone.row([column], image))
      #expect(error <= Self.bar, "\(column.name): \(error)")
    }
  }

  @Test func theSameModelHasTheSameBytes() throws {
    var backbone = try Architectures.seeded("squeezenet1_1", seed: 7)
    backbone.preprocessing.size = 40
    let export = try ONNXExport(
      backbone, columns: backbone.columns(layers: ["penultimate"], poolings: [.avg]))
    try withTemporaryFolder { folder in
      try export.write(to: folder + "/a.onnx", version: "1.2.3")
      try export.write(to: folder + "/b.onnx", version: "1.2.3")
      #expect(try FileSystem.read(folder + "/a.onnx") == FileSystem.read(folder + "/b.onnx"))
      #expect(try FileSystem.list(folder) == ["a.onnx", "b.onnx"])
    }
  }
}
