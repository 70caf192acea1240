import TapBackbone
import TapCheckpoints
import TapONNX
import TapProvenance

// What libFuzzer calls with every input that it makes up: one of the readers of weight files, whose errors are all fine.
// A trap, an allocation of gigabytes and a run of seconds are not.

#if canImport(Glibc)
  import Glibc
#endif

/// Which reader this process tries; `Scripts/fuzz` says so.
private enum Reader: String {
  case pickle, safetensors, onnx

  static let chosen: Reader = {
    guard let name = unsafe getenv("LAYERTAP_FUZZING_READER"),
      let reader = Reader(rawValue: unsafe String(cString: name))
    else { fatalError("LAYERTAP_FUZZING_READER is neither pickle nor safetensors nor onnx") }
    return reader
  }()

  func read(_ bytes: Span<UInt8>) {
    switch self {
    // The content tells the formats apart.
    case .pickle, .safetensors: _ = try? Checkpoint.load(bytes: bytes)
    case .onnx:
      do throws(ONNXError.Reason) {
        let model = try ONNXModel(bytes)
        let picture = try ONNXImporter.picture(of: model)
        guard picture.size ?? 32 == 32 else { return }
        var preprocessing = Preprocessing()
        preprocessing.size = 32
        _ = try ONNXImporter.backbone(model, name: "fuzzed", preprocessing: preprocessing)
      } catch {}
    }
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  unsafe Reader.chosen.read(UnsafeBufferPointer(start: start, count: count).span)
  return 0
}

/// libFuzzer's own `main`, in a function: the package manager wants each executable's to be called this.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("Fuzzing_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  var (count, arguments) = unsafe (count, arguments)
  return unsafe runDriver(&count, &arguments, testOneInput)
}
