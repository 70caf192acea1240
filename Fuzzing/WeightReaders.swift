import TapBackbone
import TapCheckpoints
import TapONNX
import TapProvenance

// The readers of weight files, whose errors are all fine.

#if canImport(Glibc)
  import Glibc
#endif

/// Which reader this process tries; `Scripts/fuzz` says so.
enum Reader: String {
  case pickle, safetensors, onnx

  static let chosen: Reader = {
    guard let name = unsafe getenv("LAYERTAP_FUZZING_READER"),
      let reader = Reader(rawValue: unsafe String(cString: name))
    else { fatalError("LAYERTAP_FUZZING_READER is neither pickle nor safetensors nor onnx") }
    return reader
  }()

  func read(_ input: UnsafeBufferPointer<UInt8>) {
    let bytes = unsafe input.span
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
