import TapFileSystem
import TapFormats
import TapKernels
import TestSupport
import Testing

/// `layertap layers`: names, shapes, strides, receptive fields, parameters and cost.
struct LayersTests {
  /// AlexNet has 5 convolutions, 61.1 million parameters and well-known receptive fields.
  @Test func alexNetIsDescribedExactly() throws {
    let csv = try Tool.run(["layers", "alexnet", "--format", "csv"])
    #expect(csv.status == 0, "\(csv.errors)")
    let lines = csv.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 21)
    #expect(lines[0] == "layer,kind,shape,stride,receptive_field,parameters,multiply_adds")
    #expect(lines[1] == "features.0,convolution,64x55x55,4,11,23296,70276800")
    #expect(lines[6] == "features.5,max pool,192x13x13,16,67,0,294225600")
    #expect(lines[13] == "features.12,max pool,256x6x6,32,195,0,655566528")
    #expect(lines[20] == "classifier.6,fully connected,1000,224,,4097000,714188480")

    let json = try JSONValue.parse(try Tool.run(["layers", "alexnet", "--format", "json"]).output)
    let layers = try #require(json["layers"]?.arrayValue)
    #expect(layers.compactMap { $0["parameters"]?.intValue }.reduce(0, +) == 61_100_840)
    #expect(layers.count == 20 && json["aliases"]?["pool5"]?.stringValue == "features.12")
    for (layer, line) in zip(layers, lines.dropFirst()) {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      #expect(layer["name"]?.stringValue == fields[0] && layer["kind"]?.stringValue == fields[1])
      #expect(
        layer["shape"]?.arrayValue?.compactMap(\.intValue) == fields[2].split(separator: "x").map { Int($0) })
      #expect(layer["stride"]?.intValue == Int(fields[3]))
      #expect(layer["receptiveField"]?.intValue == Int(fields[4]))
      #expect(layer["multiplyAdds"]?.intValue == Int(fields[6]))
    }
    let text = try Tool.run(["layers", "alexnet"]).output
    #expect(text.contains("pool5 = features.12") && text.contains("714.2 M"))
  }

  /// A gate depends on the whole image but moves no pixel, so layers behind it have a stride but no receptive field.
  @Test func stridesAreProductsAlsoBehindGates() throws {
    let csv = try Tool.run(["layers", "efficientnet_b1", "--format", "csv"]).output
    let last = try #require(csv.split(separator: "\n").last { $0.contains("1280x8x8") })
    #expect(last.contains(",1280x8x8,32,,"), "\(last)")
  }

  /// Times depend on the machine. The test checks that the other numbers follow from the times.
  @Test func timesAddUp() throws {
    let csv = try Tool.run([
      "layers", "resnet20_cifar10", "--time", "--instruction-set", "portable", "--format", "csv",
    ])
    #expect(csv.status == 0, "\(csv.errors)")
    let table = try CSV.parse(csv.output)
    #expect(table[0] == ["output", "algorithm", "multiply_adds", "seconds", "share_of_peak"])
    // The steps are 19 convolutions, of which 9 end a block, the mean, the last layer, and the tap of the last layer.
    #expect(table.count > 20 && table.last?[0] == "linear", "\(csv.output)")
    let counted = try table.dropFirst().filter { $0[2] != "0" }.map { row in
      (try #require(Double(row[2])), try #require(Double(row[3])), try #require(Double(row[4])))
    }
    let shareOfOne = counted.map { $0 / ($1 * $2) }
    let peak = try #require(shareOfOne.first)
    #expect(peak > 0 && peak.isFinite && shareOfOne.allSatisfy { abs($0 - peak) < 1e-9 * peak })
    #expect(table.dropFirst().allSatisfy { ($0[2] == "0") == $0[4].isEmpty })

    let json = try JSONValue.parse(
      Tool.run(["layers", "resnet20_cifar10", "--time", "--format", "json"]).output)
    #expect(json["backbone"]?.stringValue == "resnet20_cifar10" && json["threads"]?.intValue == 1)
    #expect(json["instructionSet"]?.stringValue == InstructionSet.best.rawValue)
    #expect(try #require(json["peakMultiplyAddsPerSecond"]?.doubleValue) > 0)
    let steps = try #require(json["steps"]?.arrayValue)
    #expect(steps.count == table.count - 1)
    #expect(steps.allSatisfy { ($0["seconds"]?.doubleValue ?? 0) > 0 && $0["algorithm"]?.stringValue != nil })
    // Winograd's algorithm executes fewer multiply-adds. All other algorithms execute those of the definition.
    #expect(
      steps.allSatisfy { step in
        let (all, executed) = (step["multiplyAdds"]?.intValue ?? -1, step["executedMultiplyAdds"]?.intValue ?? -1)
        return step["algorithm"]?.stringValue == "winograd 3x3" ? executed > 0 && executed < all : executed == all
      })
    // The usual count is 41 million. The last row of the table of layers has the same sum as the steps.
    let sum = steps.compactMap { $0["multiplyAdds"]?.intValue }.reduce(0, +)
    #expect(Double(sum) == counted.map(\.0).reduce(0, +))
    let layers = try JSONValue.parse(Tool.run(["layers", "resnet20_cifar10", "--format", "json"]).output)
    #expect(
      layers["layers"]?.arrayValue?.last?["multiplyAdds"]?.intValue == sum
        && (sum + 500_000) / 1_000_000 == 41)
  }

  /// Names and shapes need no weights. VGG's weights alone would take half a gigabyte.
  @Test(arguments: [
    "vgg19_bn", "convnext_base", "resnext101_64x4d", "densenet201", "efficientnet_b7", "resnet20_cifar10",
  ])
  func aTableTakesLittleMemory(name: String) throws {
    var most = 0
    let outcome = try Tool.start(["layers", name, "--format", "json"]) { most = $0.peakAnonymousMemory() }
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try JSONValue.parse(outcome.output)["backbone"]?.stringValue == name)
    #expect(most > 100_000, "nothing was seen")
    #expect(most < 60_000_000, "\(most) bytes")
  }

  /// A layer that a built-in network does not have is reported before its weights are searched.
  @Test(arguments: ["extract", "train", "doctor", "compare"])
  func unknownLayersAreRefusedBeforeWeights(command: String) throws {
    try withTemporaryFolder { folder in
      let outcome = try Tool.run(
        [
          command, Repository.path("data/surfaces"), "--backbone", "vgg16", "--layers", "nowhere",
        ], in: folder, environment: ["XDG_DATA_HOME": folder])
      #expect(outcome.status == 64 || outcome.status == 65, "\(outcome.status)")
      #expect(outcome.errors.contains("vgg16 has no layer 'nowhere'"), "\(outcome.errors)")
    }
  }

  @Test(arguments: [[], ["--dry-run"]])
  func pipelinesRefuseUnknownLayersBeforeWeights(options: [String]) throws {
    try withTemporaryFolder { folder in
      let images = JSONValue.string(Repository.path("data/surfaces")).canonical
      try AtomicWriter.replace(
        folder + "/p.json",
        with: """
          {"name": "p", "images": \(images), "backbone": "vgg16", "layers": ["nowhere"], "store": "store"}
          """)
      let outcome = try Tool.run(
        ["run", "p.json"] + options, in: folder, environment: ["XDG_DATA_HOME": folder])
      #expect(
        outcome.status == 65 && outcome.errors.contains("vgg16 has no layer 'nowhere'"), "\(outcome.errors)")
    }
  }

  /// If a network is not built in, the extraction writes its layers once, when it creates the store.
  @Test func aStoreKnowsTheLayersOfAFile() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/network.onnx", with: WeightFiles.onnx(layers: 2, channels: 4))
      let surfaces = Repository.path("data/surfaces")
      let extracted = try Tool.run(
        [
          "extract", surfaces, "--backbone", "network.onnx", "--mean", "0,0,0", "--std", "1,1,1", "--layers",
          "all", "--limit", "8", "--store", "store",
        ], in: folder)
      #expect(extracted.status == 0, "\(extracted.errors)")
      let store = try FileSystem.list(folder + "/store")[0]
      let table = try JSONValue.parse(FileSystem.read("\(folder)/store/\(store)/layers.json"))
      let listed = try JSONValue.parse(
        Tool.run(["layers", "network.onnx", "--format", "json"], in: folder).output)
      for field in ["backbone", "inputSize", "layers", "aliases"] { #expect(table[field] == listed[field]) }
      let aliases = try #require(table["aliases"]?.objectValue)
      #expect(aliases["penultimate"] != nil)
      try FileSystem.remove(folder + "/network.onnx")
      for alias in ["penultimate", "logits"] where aliases[alias] != nil {
        let exported = try Tool.run(
          ["store", "export", "store", "--layers", alias, "--output", "\(alias).npy"], in: folder)
        #expect(exported.status == 0, "\(exported.errors)")
      }
    }
  }

  @Test func instructionSetsAreForTiming() throws {
    let outcome = try Tool.run(["layers", "alexnet", "--instruction-set", "portable"])
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("'--instruction-set' changes how long steps take: ask for --time"))
  }
}
