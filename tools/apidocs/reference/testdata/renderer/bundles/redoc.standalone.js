fetch("https://cdn.redoc.ly/redoc/logo-mini.svg"); "<b>drawn</script"
//# sourceMappingURL=x.map
