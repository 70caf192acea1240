// The library itself, handles and texts: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap

@c @implementation public func layertap_abi() -> Int32 { LAYERTAP_ABI }

@c @implementation public func layertap_version() -> UnsafePointer<CChar>? {
  var pointer: UnsafePointer<CChar>?
  onRightThread { unsafe pointer = version.pointer }
  return unsafe pointer
}

@c @implementation public func layertap_error() -> UnsafePointer<CChar>? { unsafe lt_last_error() }

@c @implementation public func layertap_available_threads() -> Int {
  var count = 1
  onRightThread { count = Threads.available }
  return count
}

@c @implementation public func layertap_release(_ handle: layertap_handle) -> Int32 {
  // The finalizers of a language with a garbage collector run at any time, also between an error and its text.
  call(keepsError: true) {
    guard handle != 0 else { return }
    let removed = HandleTable.shared.withLock { $0.remove(handle) }
    guard removed != nil else { throw ForeignError.noHandle }
  }
}

@c @implementation public func layertap_texts_count(
  _ texts: layertap_texts, _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
  call {
    let texts = try object(texts, as: Texts.self)
    guard let count = unsafe count else { throw ForeignError.null("count") }
    unsafe count.pointee = texts.count
  }
}

@c @implementation public func layertap_texts_get(
  _ texts: layertap_texts, _ index: Int, _ data: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
  _ size: UnsafeMutablePointer<Int>?
) -> Int32 {
  call {
    let texts = try object(texts, as: Texts.self)
    guard let data = unsafe data else { throw ForeignError.null("data") }
    guard let (text, count) = unsafe texts.text(index) else {
      throw ForeignError.argument(
        "index", problem: "\(UInt(bitPattern: index)) of \(texts.count) texts, counted from 0")
    }
    unsafe data.pointee = unsafe text
    unsafe size?.pointee = count
  }
}

/// The version as a text of C that is never freed.
private let version = CText(Release.version)

@safe private struct CText: @unchecked Sendable {
  let pointer: UnsafePointer<CChar>

  init(_ text: String) {
    let bytes = text.utf8CString
    let memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    _ = unsafe memory.initialize(from: bytes)
    unsafe pointer = UnsafePointer(memory.baseAddress!)
  }
}
