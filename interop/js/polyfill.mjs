// libp2p calls Promise.withResolvers, which Node has from version 22 on.
Promise.withResolvers ??= function () {
  const settlers = {}
  settlers.promise = new this((resolve, reject) => Object.assign(settlers, { resolve, reject }))
  return settlers
}
