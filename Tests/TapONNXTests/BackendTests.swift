// The ONNX project's own tests of backends: models with inputs and outputs, made by Scripts/onnx-tests.

import FoundationEssentials
import TapBackbone
import TapFileSystem
import TapONNX
import TapONNXOperators
import TapProvenance
import TestSupport
import Testing

struct BackendTests {
  private static func cases(_ kind: String) throws -> [BackendCase] {
    let folder = try TestData.onnxTests() + "/" + kind
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .map { BackendCase(folder: folder + "/" + $0) }
  }

  /// The numbers of tests that passed when this was written, with the versions in
  /// Tests/Reference/onnx/requirements.txt. They must not become smaller.
  private static let supported = ["node": 1101, "simple": 7, "pytorch-converted": 82, "pytorch-operator": 35]

  @Test(.needs(.onnxTests), arguments: ["node", "simple", "pytorch-converted", "pytorch-operator"])
  func agreesWithTheReference(kind: String) throws {
    let cases = try Self.cases(kind)
    var passed = 0
    var loosely: [String] = []
    var unsupported: [String: Int] = [:]
    var failed = 0
    for test in cases {
      switch test.run() {
      case .passed: passed += 1
      case .passedLoosely: loosely.append(test.name)
      case .unsupported(let what): unsupported[what, default: 0] += 1
      case .failed(let why):
        failed += 1
        Issue.record("\(kind)/\(test.name): \(why)")
      }
    }
    let histogram = unsupported.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    print(
      "ONNX \(kind): passed \(passed + loosely.count), unsupported \(unsupported.values.reduce(0, +)), "
        + "failed \(failed)"
        + (loosely.isEmpty ? "" : "; beyond 1e-4: \(loosely.joined(separator: ", "))")
        + (histogram.isEmpty
          ? "" : "; unsupported: \(histogram.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"))
    #expect(failed == 0 && passed + loosely.count >= Self.supported[kind, default: .max])
  }

  private static let networks = [
    "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet",
    "vgg19",
    "zfnet512",
  ]

  /// If the networks are imported as backbones, the importer's graphs compute the expected data of the models.
  @Test(.needs(.onnxTests), arguments: networks)
  func importedNetworksAgree(name: String) throws {
    let cases = try Self.cases("light")
    let folder = try #require(cases.first { $0.name == "test_" + name }).folder
    let model = try ONNXModel(path: folder + "/model.onnx")
    var preprocessing = Preprocessing()
    preprocessing.size = try #require(try ONNXImporter.image(of: model).size)
    let backbone = try ONNXImporter.backbone(model, name: name, preprocessing: preprocessing)
    let output = try backbone.resolve(try #require(model.graph.outputs.first).name)
    let plan = try backbone.plan(columns: [Column(tap: output, pooling: .flatten)])
    let pixels = preprocessing.size * preprocessing.size
    for set in try FileManager.default.contentsOfDirectory(atPath: folder)
    where set.hasPrefix("test_data_set_") {
      let input = try ONNXTensorFile.read("\(folder)/\(set)/input_0.pb").value.floats()
      let expected = try ONNXTensorFile.read("\(folder)/\(set)/output_0.pb").value.floats()
      #expect(input.count == 3 * pixels)
      let found = plan.rows((0..<pixels).flatMap { pixel in (0..<3).map { input[$0 * pixels + pixel] } })
      let error = normalizedError(found, expected)
      #expect(error <= 2e-5, "\(name): \(error)")
    }
  }

  /// The networks have published architectures. All weights of a network have one value.
  @Test(.needs(.onnxTests), arguments: networks)
  func agreesOnNetworks(name: String) throws {
    let cases = try Self.cases("light")
    let test = try #require(cases.first { $0.name == "test_" + name })
    let outcome = test.run()
    #expect(outcome == .passed || outcome == .passedLoosely, "\(outcome)")
  }

  /// Bytes of the models are changed at random. Then the model runs, or an error gives the reason.
  @Test(.enabled(if: TestData.runsLongTests, "Scripts/test --long runs it"), .needs(.onnxTests))
  func changedModelsRunOrAreRefused() throws {
    var numbers = Congruential(state: 7)
    func next(_ bound: Int) -> Int { numbers.next(below: bound) }
    for kind in ["node", "pytorch-converted", "pytorch-operator"] {
      for test in try Self.cases(kind) {
        let bytes = try FileSystem.read(test.folder + "/model.onnx")
        guard bytes.count < 20_000, let inputs = try? test.inputs() else { continue }
        for _ in 0..<200 {
          var changed = bytes
          for _ in 0...next(3) { changed[next(bytes.count)] = UInt8(next(256)) }
          guard let model = try? ONNXModel(changed.span) else { continue }
          var named: [String: ONNXTensor] = [:]
          for (info, value) in zip(model.graph.inputs, inputs) { named[info.name] = value }
          _ = try? ONNXEvaluator(model).evaluate(named)
        }
      }
    }
  }
}
